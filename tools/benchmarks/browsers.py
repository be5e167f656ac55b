# SPDX-License-Identifier: Apache-2.0
"""Real browsers, by way of tests/interop."""

import os
import re

from benchmarks.common import ROOT, Row, run


def measure_browsers(build):
    interop = ROOT / "tests/interop"
    said = run([interop / "in_network", "node", "--test", interop / "chromium_test.mjs"],
               env={**os.environ, "INTEROP_PROGRAM": str(build / "ocellus")}, cwd=ROOT)
    first = re.search(r"answer to first shown frame: ([\d.]+) ms", said)
    rows = [Row("answer -> first shown frame", f"{first[1]} ms", "60 ms", "", "72 ms")]
    for what in ("decoded", "shown"):
        times = re.search(rf"{what}: .* p50 ([\d.]+) ms, p95 ([\d.]+) ms", said)
        rows.append(Row(f"glass to glass, {what}: p50 / p95", f"{times[1]} / {times[2]} ms", "8 / 12 ms"))
    return rows
