# SPDX-License-Identifier: Apache-2.0
"""Data channels between two processes of ours."""

import statistics

from benchmarks.common import Row
from benchmarks.talk import Talk


# Megabytes through one channel in messages of 64 KiB; what is expected of them, in MB/s.
CHANNEL_LOSSES = {
    0: (200, "120 MB/s or more", "2 MB/s", "57 / 85 MB/s"),
    1: (100, "", "", ""),
    5: (100, "30 MB/s or more", "", "11 MB/s"),
}


# Of these runs the median counts, and the slowest and fastest are told: with loss they differ by half.
RUNS = 5


def transfer(build, loss, seed, megabytes):
    """Sends through one channel: MB/s, and what a byte costs sender and receiver, in ns of CPU time."""
    with Talk(build) as receiver, Talk(build) as sender:
        answer = sender.ask("answer", "answer", sdp=receiver.ask("offer", "offer")["sdp"])
        receiver.do("accept", sdp=answer["sdp"])
        receiver.wait("connected")
        sender.wait("connected")
        receiver.do("lose", percent=loss, seed=seed)
        before = [peer.cpu_microseconds() for peer in (sender, receiver)]
        done = sender.ask("open", "delivered", label="sink", role=f"source:{megabytes * 1_000_000}")
        used = [peer.cpu_microseconds() - cpu for peer, cpu in zip((sender, receiver), before)]
    return done["bytes"] / done["microseconds"], [cpu / megabytes / 1000 for cpu in used]


def measure_channels(build):
    rows = []
    for loss, (megabytes, *expected) in CHANNEL_LOSSES.items():
        runs = [transfer(build, loss, seed, megabytes) for seed in range(1, RUNS + 1)]
        speeds = [speed for speed, _ in runs]
        costs = [statistics.median(costs) for costs in zip(*(costs for _, costs in runs))]
        label = f"two processes, DTLS, loopback, {loss} % loss"
        rows += [
            Row(label, f"{statistics.median(speeds):.0f} MB/s ({min(speeds):.0f} to {max(speeds):.0f})",
                *expected),
            Row(f"{label}: CPU of sender / receiver", " / ".join(f"{cost:.1f}" for cost in costs) + " ns a byte")]
    return rows
