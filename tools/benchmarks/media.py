# SPDX-License-Identifier: Apache-2.0
"""The picture's way: instructions, heap, latency, joining, CPU time."""

import sys
import time

from benchmarks.common import Instructions, Row, read_numbers, run
from benchmarks.program import Program, resident, stream_file, viewer_count, viewers

PROFILES = {"gcm": "AES-GCM", "cm": "AES-CM"}
VIEWER_COUNTS = (1, 10, 50, 200)
STREAMING_SECONDS = 5  # Of each measurement; a keyframe comes every 5 s.


def measure_instructions(build):
    rows = []
    for profile, name in PROFILES.items():
        measured = Instructions(
            [build / "tools/benchmarks/bench_in_process", "instructions", profile, 10],
            "ocellus::benchmarks::Camera::Send")
        packets = measured.said["packets"]
        total = measured.total / packets
        srtp = measured.below(".*Session::ProtectRtp") / packets
        copies = measured.below("__mem(cpy|move)", program="bench_in_process") / packets
        if not rows:
            rows = [Row("ours", f"{total - srtp - copies:,.0f}", "5,000"),
                    Row("copying the payload", f"{copies:,.0f}")]
        rows += [Row(f"SRTP, {name}", f"{srtp:,.0f}"),
                 Row(f"all, {name}", f"{total:,.0f}", "5,000 + SRTP", "110,500", "82,275 / 48,735")]
    return rows


def measure_heap(build):
    rows = []
    for profile, name in PROFILES.items():
        heap = read_numbers(run([build / "tools/benchmarks/bench_heap", profile, 20]))
        if not rows:
            rows = [
                Row("allocations per packet, ours", f"{heap['allocations_ocellus']:.2f}", "0", "0", "14.3"),
                Row("heap per viewer: ours", f"{heap['streaming_ocellus'] / 1000:.1f} KB"),
                Row("heap per viewer: mbedTLS", f"{heap['streaming_mbedtls'] / 1000:.1f} KB")]
        rows += [
            Row(f"allocations per packet, NSS, {name}", f"{heap['allocations_srtp']:.2f}"),
            Row(f"heap per viewer: libsrtp2 and NSS, {name}", f"{heap['streaming_srtp'] / 1000:.1f} KB"),
            Row(f"heap per viewer: all, idle, {name}", f"{heap['idle'] / 1000:.1f} KB", "40 KB", "102 KB", "143 KB"),
            Row(f"heap per viewer: all, streaming, {name}", f"{heap['streaming'] / 1000:.1f} KB", "48 KB", "102 KB",
                "764 KB")]
    return rows


def measure_latency(build):
    rows = []
    for count in (1, 50):
        times = read_numbers(run([build / "tools/benchmarks/bench_in_process", "latency", "gcm", count]))
        of_one = ("0.2 / 0.6 ms", "", "0.55 / 1.37 ms") if count == 1 else ()
        rows.append(Row(f"{viewer_count(count)}, AES-GCM: p50 / p99",
                        f"{times['p50_us'] / 1000:.2f} / {times['p99_us'] / 1000:.2f} ms", *of_one))
    return rows


# Round trip in ms, loss in %, and the words of bench_start_up: what the goals are for, and what
# libdatachannel needs.
START_UPS = {
    (50, 0): ("190 / 230 ms", "236 / 263 ms"),
    (50, 10): ("- / 350 ms", "- / 490 ms"),
    (200, 0): ("- / 680 ms", ""),
    (200, 0, "dead"): ("- / 680 ms", ""),
    (200, 10): ("", ""),
    (200, 0, "in-stun"): ("- / 460 ms", ""),
    (200, 10, "in-stun"): ("", ""),
}
START_UP_WORDS = {"dead": ", 3 dead candidates first on both sides", "in-stun": ", DTLS in STUN"}
START_UP_P95_GOALS = {(200, 10): "- / 1,360 ms"}


def measure_start_up(build):
    rows = []
    for call, (goal, libdatachannel) in START_UPS.items():
        round_trip, loss, *words = call
        times = read_numbers(run(
            [build / "tools/benchmarks/bench_start_up", round_trip, loss, 500 if loss else 1, *words]))
        conditions = (f"RTT {round_trip} ms{f', {loss} % loss' if loss else ''}"
                      + "".join(START_UP_WORDS[word] for word in words))
        for percentile in ("p50", "p95") if loss else ("p50",):
            label = f", {percentile}" if loss else ""
            of_it = (goal, "", libdatachannel) if percentile == "p50" else (START_UP_P95_GOALS.get(call, ""),)
            rows.append(Row(
                f"{conditions}: connected / first picture{label}",
                f"{times[f'connected_{percentile}_ms']:.0f} / {times[f'first_picture_{percentile}_ms']:.0f} ms",
                *of_it))
    return rows


def measure_connects(build):
    times = read_numbers(run([build / "tools/benchmarks/bench_in_process", "connects", "gcm", 50]))
    rows = [Row("in process: CPU of the camera / of both ends",
                f"{times['camera_us'] / 1000:.1f} / {times['both_ends_us'] / 1000:.1f} ms a connect")]
    with Program(build, stream_file(build)) as program:
        before = program.cpu_microseconds()
        with viewers(build, program, "gcm", 100) as audience:
            used = program.cpu_microseconds() - before
    rows.append(Row("the program: CPU, signaling and HTTP included",
                    f"{used.total() / 100 / 1000:.1f} ms a connect"))
    rows.append(Row("the program and 100 viewers on one machine, one after the other",
                    f"{1e8 / audience['joined_in_us']:.0f} a second"))
    return rows


def measure_idle(build):
    rows = []
    for label, source in (("a file", stream_file(build)), ("the test pattern", "test-pattern")):
        with Program(build, source) as program:
            time.sleep(2)
            before, used = program.context_switches(), program.cpu_microseconds()
            time.sleep(STREAMING_SECONDS)
            after, used = program.context_switches(), program.cpu_microseconds() - used
            wake_ups = ", ".join(f"{name} {(after[name] - before[name]) / STREAMING_SECONDS:.0f}"
                                 for name in sorted(after))
            if not rows:
                rows.append(Row("threads", str(len(program.threads())), "3", "2", "7"))
            rows.append(Row(f"{label}: wake-ups a second", wake_ups, "timers only", "1,030"))
            rows.append(Row(f"{label}: CPU", f"{used.total() / STREAMING_SECONDS / 1e4:.2f} %"))
            rows.append(Row(f"{label}: RSS / of it not files", resident(program), "6 MB", "3.2 MB", "11.8 MB"))
    return rows


def measure_streaming(build):
    rows = []
    for profile, name in PROFILES.items():
        for count in VIEWER_COUNTS:
            with (Program(build, stream_file(build)) as program,
                  viewers(build, program, profile, count) as audience):
                time.sleep(1)  # What the joining left to be done.
                packets, used = program.packets_sent(), program.cpu_microseconds()
                time.sleep(STREAMING_SECONDS)
                packets, used = program.packets_sent() - packets, program.cpu_microseconds() - used
                memory = resident(program)
            if audience["packets"] < packets:
                sys.exit(f"{packets} packets to {count} viewers, but only {audience['packets']} came")
            of_fifty = ("1.6 us", "30 us", "12.2 / 10.5 us") if count == 50 else ()
            rows.append(Row(f"{viewer_count(count)}, {name}: CPU per packet, io thread / all",
                            f"{used['ocellus'] / packets:.2f} / {used.total() / packets:.2f} us", *of_fifty))
            if profile == "gcm":
                rows.append(Row(f"{viewer_count(count)}, {name}: RSS / of it not files", memory))
    return rows


def measure_pictures(build):
    times = read_numbers(run([build / "tools/benchmarks/bench_transform"]))
    return [Row(name.replace("_", " "), f"{time_us:.0f} us a picture") for name, time_us in times.items()]
