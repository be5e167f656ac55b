# SPDX-License-Identifier: Apache-2.0
"""Data channels between two processes of ours."""

from benchmarks.common import Row
from benchmarks.talk import Talk


# Megabytes through one channel in messages of 64 KiB; what is expected of them, in MB/s.
CHANNEL_LOSSES = {
    0: (200, "120 MB/s or more", "2 MB/s", "57 / 85 MB/s"),
    1: (100, "", "", ""),
    5: (100, "30 MB/s or more", "", "11 MB/s"),
}


def measure_channels(build):
    rows = []
    for loss, (megabytes, *expected) in CHANNEL_LOSSES.items():
        with Talk(build) as receiver, Talk(build) as sender:
            answer = sender.ask("answer", "answer", sdp=receiver.ask("offer", "offer")["sdp"])
            receiver.do("accept", sdp=answer["sdp"])
            receiver.wait("connected")
            sender.wait("connected")
            receiver.do("lose", percent=loss, seed=1)
            before = [peer.cpu_microseconds() for peer in (sender, receiver)]
            done = sender.ask("open", "delivered", label="sink", role=f"source:{megabytes * 1_000_000}")
            used = [peer.cpu_microseconds() - cpu for peer, cpu in zip((sender, receiver), before)]
        label = f"two processes, DTLS, loopback, {loss} % loss"
        rows += [
            Row(label, f"{done['bytes'] / done['microseconds']:.0f} MB/s", *expected),
            Row(f"{label}: CPU of sender / receiver",
                " / ".join(f"{cpu / megabytes / 1000:.1f}" for cpu in used) + " ns a byte")]
    return rows
