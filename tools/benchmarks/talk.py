# SPDX-License-Identifier: Apache-2.0
"""A peer with data channels that does as it is told."""

import json
import subprocess
import sys
import urllib.request


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

    def join(self, program):
        """Connects to the real program as admin: data channels, and no picture."""
        offer = self.ask("offer", "offer")["sdp"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{program.http_port}/whep", data=offer.encode(),
            headers={"Content-Type": "application/sdp", "Authorization": f"Bearer {program.admin_token()}"})
        with urllib.request.urlopen(request) as answer:
            self.do("accept", sdp=answer.read().decode())
        self.wait("connected")

    def cpu_microseconds(self):
        return self.ask("stats", "stats")["cpu_microseconds"]
