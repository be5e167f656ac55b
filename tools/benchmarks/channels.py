# SPDX-License-Identifier: Apache-2.0
"""Data channels between processes of ours."""

import json
import subprocess
import sys

from benchmarks.common import Row


class Talk:
    """A peer with data channels in a process of its own: tools/benchmarks/talk.cc."""

    def __init__(self, build):
        self.process = subprocess.Popen([build / "tools/benchmarks/bench_talk", "127.0.0.1"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()

    def do(self, what, **details):
        self.process.stdin.write(json.dumps({"do": what, **details}) + "\n")
        self.process.stdin.flush()

    def wait(self, name):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == name:
                return event
            if event["event"] in ("refused", "failed", "ended"):
                sys.exit(f"bench_talk says: {line}")
        sys.exit(f"bench_talk ended before \"{name}\"")

    def ask(self, what, answer, **details):
        self.do(what, **details)
        return self.wait(answer)

    def cpu_microseconds(self):
        return self.ask("stats", "stats")["cpu_microseconds"]


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
