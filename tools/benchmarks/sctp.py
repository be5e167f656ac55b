# SPDX-License-Identifier: Apache-2.0
"""Our SCTP beside usrsctp: each talks with itself in one process, without DTLS (bench_sctp)."""

import re

from benchmarks.common import Beside, Instructions, read_numbers, run

MESSAGE_SIZES = {65_536: "64 KiB", 1200: "1,200 bytes", 100: "100 bytes"}
LOSSES = (0, 1, 5)
STACKS = ("ocellus", "usrsctp_unchecked", "usrsctp")


def measure_sctp(build):
    if not (build / "tools/benchmarks/bench_sctp").exists():
        print("sctp is left out: this build has no bench_sctp, for libusrsctp-dev is not installed")
        return []
    rows = []
    for size, name in MESSAGE_SIZES.items():
        rows += measure_instructions(build, size, name)
        rows += measure_speed(build, size, name)
    return rows + measure_checksums(build) + measure_memory(build)


def beside(measure, texts):
    """Of each stack its texts, one for each loss."""
    return Beside(measure, *(" / ".join(texts[stack]) for stack in STACKS))


def measure_instructions(build, size, name):
    counts = {stack: [] for stack in STACKS}
    for stack in STACKS:
        for loss in LOSSES:
            measured = Instructions([build / "tools/benchmarks/bench_sctp", "count", stack, size, loss],
                                    "ocellus::benchmarks::SctpPair::Transfer")
            counts[stack].append(f"{measured.total / measured.said['bytes']:.1f}")
    return [beside(f"{name}: instructions a byte", counts)]


def measure_speed(build, size, name):
    of_cpu = {stack: [] for stack in STACKS}
    of_path = {stack: [] for stack in STACKS}
    for loss in LOSSES:
        figures = read_numbers(run([build / "tools/benchmarks/bench_sctp", "compare", size, loss]))
        for stack in STACKS:
            of_cpu[stack].append(f"{figures[f'{stack}_megabytes_per_cpu_second']:,.0f}")
            of_path[stack].append(f"{figures[f'{stack}_megabytes_per_path_second']:.1f}")
    return [beside(f"{name}: MB a second of CPU time", of_cpu),
            beside(f"{name}: MB/s with a round trip of 20 ms", of_path)]


def measure_checksums(build):
    """Ours, where the peer wants them."""
    ours = Instructions([build / "tools/benchmarks/bench_sctp", "checksums"], "ocellus::sctp::Crc32c")
    theirs = Instructions([build / "tools/benchmarks/bench_sctp", "count", "usrsctp", 65_536, 0],
                          "ocellus::benchmarks::SctpPair::Transfer")
    theirs_at_one_end = theirs.below("sctp_calculate_cksum") / 2
    return [Beside("checksums: instructions a byte, at each end",
                   f"{ours.total / ours.said['bytes']:.2f}", "0",
                   f"{theirs_at_one_end / theirs.said['bytes']:.1f}")]


def measure_memory(build):
    heap = read_numbers(run([build / "tools/benchmarks/bench_sctp_heap"]))
    rows = [
        Beside(f"{name}: allocations for a packet of data", f"{heap[f'ocellus_allocations_{size}']:.1f}",
               "", f"{heap[f'usrsctp_allocations_{size}']:.1f}")
        for size, name in MESSAGE_SIZES.items()]
    ours, usrsctp = sizes_of_text(build)
    rows += [
        Beside("heap of the library itself", "0", "", kilobytes(heap["usrsctp_library"])),
        Beside("heap of an idle association", kilobytes(heap["ocellus_association"]), "",
               kilobytes(heap["usrsctp_association"])),
        Beside("heap of an idle association of one stream", "", "",
               kilobytes(heap["usrsctp_association_of_one_stream"])),
        Beside("heap of one channel more", f"{heap['ocellus_channel']:.0f} bytes", "",
               f"{heap['usrsctp_channel']:.0f} bytes"),
        Beside("code and constants, x86-64 -O2", kilobytes(ours), "", kilobytes(usrsctp))]
    return rows


def kilobytes(size):
    return f"{size / 1000:,.1f} KB" if size < 100_000 else f"{size / 1000:,.0f} KB"


def sizes_of_text(build):
    ours = build / "firmware/rtc/sctp/libocellus_sctp.a"
    usrsctp = re.search(r"libusrsctp\S* => (\S+)", run(["ldd", build / "tools/benchmarks/bench_sctp"]))
    for library in (ours, usrsctp[1]):
        yield sum(int(text) for text in re.findall(r"^\s*(\d+)\s", run(["size", library]), re.M))
