# SPDX-License-Identifier: Apache-2.0
"""How large the libraries and programs are."""

import os
import re
import tempfile

from benchmarks.common import ROOT, Row, run

CRYPTO_LIBRARIES = ("-lsrtp2", "-lmbedtls", "-lmbedx509", "-lmbedcrypto")


def measure_size(build):
    report = run([ROOT / "tools/size_report", "minimal"])
    ours = sum(int(size) for size in re.findall(r"^ocellus_\w+ +(\d+)", report, re.M))
    rows = [Row("code and constants of all our libraries, x86-64 -Os", f"{ours / 1000:.0f} KB")]
    rv32 = re.search(r"(\d+) bytes of code and constants", run([ROOT / "tools/check_rv32"]))
    if rv32:
        rows.append(Row("base, media and rtc alone, rv32imafc -Os", f"{int(rv32[1]) / 1000:.0f} KB"))
    static = ("-Wl,-Bstatic", *CRYPTO_LIBRARIES, "-Wl,-Bdynamic", "-lnss3", "-lnspr4")
    rows += [
        Row("the smallest camera (minimal.cc), shared libraries", stripped_size(link_minimal(CRYPTO_LIBRARIES))),
        Row("the same with Debian's mbedTLS and libsrtp2 in it", stripped_size(link_minimal(static)),
            "450 KB", "848 KB", "1,620 KB"),
        Row("the program, -Os, shared libraries", stripped_size(ROOT / "build/minimal/ocellus")),
        Row("the program, as tools/run builds it", stripped_size(build / "ocellus"))]
    return rows


def link_minimal(libraries):
    """The smallest camera, from the libraries of the minimal preset."""
    minimal = ROOT / "build/minimal"
    ours = [path for path in minimal.rglob("libocellus_*.a") if "drivers" not in path.parts]
    program = minimal / "bench_minimal"
    run(["g++", "-std=c++17", "-Os", "-DNDEBUG", "-fno-exceptions", "-fno-rtti", "-ffunction-sections",
         "-fdata-sections", f"-I{ROOT}", ROOT / "tools/benchmarks/minimal.cc", "-o", program,
         "-Wl,--gc-sections", "-Wl,--start-group", *ours, "-Wl,--end-group", *libraries])
    return program


def stripped_size(program):
    with tempfile.NamedTemporaryFile() as stripped:
        run(["strip", "-o", stripped.name, program])
        return f"{os.path.getsize(stripped.name) / 1000:.0f} KB"
