# SPDX-License-Identifier: Apache-2.0
"""Real browsers, by way of tests/interop."""

import os
import re

from benchmarks.common import ROOT, Row, read_numbers, run

INTEROP = ROOT / "tests/interop"


def measure_browsers(build):
    return measure_pictures(build) + measure_data_channels(build)


def run_node(*command, **environment):
    return run([INTEROP / "in_network", "node", *command], env={**os.environ, **environment}, cwd=ROOT)


def measure_pictures(build):
    said = run_node("--test", INTEROP / "chromium_test.mjs", INTEROP_PROGRAM=str(build / "ocellus"))
    first = re.search(r"answer to first shown frame: ([\d.]+) ms", said)
    rows = [Row("answer -> first shown frame", f"{first[1]} ms", "60 ms", "", "72 ms")]
    for what in ("decoded", "shown"):
        times = re.search(rf"{what}: .* p50 ([\d.]+) ms, p95 ([\d.]+) ms", said)
        rows.append(Row(f"glass to glass, {what}: p50 / p95", f"{times[1]} / {times[2]} ms", "8 / 12 ms"))
    return rows


def measure_data_channels(build):
    rates = read_numbers(run_node(ROOT / "tools/benchmarks/chromium_channels.mjs",
                                  INTEROP_TALK=str(build / "tools/benchmarks/bench_talk")))
    return [Row(f"data channel, {loss} % loss: to Chromium / from Chromium",
                f"{rates[f'to_{loss}']:.1f} / {rates[f'from_{loss}']:.1f} MB/s") for loss in (0, 1, 5)]
