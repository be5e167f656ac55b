# SPDX-License-Identifier: Apache-2.0
"""The real program, measured from outside, and its audience."""

import collections
import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from benchmarks.common import read_numbers, run


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """The real program while it runs, with its CPU time and memory."""

    def __init__(self, build, source, *flags):
        self.state = Path(tempfile.mkdtemp(prefix="ocellus-bench-"))
        self.http_port = free_port(socket.SOCK_STREAM)
        self.process = subprocess.Popen(
            [build / "ocellus", "--source", str(source), "--state-dir", str(self.state),
             "--open", "--listen", "127.0.0.1", "--loopback-candidates", "--http-port", str(self.http_port),
             "--udp-port", str(free_port(socket.SOCK_DGRAM)), "--max-viewers", "250", "--log-level", "error", *flags],
            stdout=subprocess.PIPE, text=True)
        if "is live" not in self.process.stdout.readline():
            sys.exit("ocellus does not start: see above")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.state)

    def admin_token(self):
        return (self.state / "admin-token").read_text().strip()

    def status(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}/status",
                                         headers={"Authorization": f"Bearer {self.admin_token()}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def packets_sent(self):
        return self.status()["totals"]["packets_sent"]

    def threads(self):
        """Of each thread's directory in /proc: its name."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return {task: (task / "comm").read_text().strip() for task in tasks}

    def cpu_microseconds(self):
        """CPU time of each thread, by name; the io thread is the main one, "ocellus"."""
        used = collections.Counter()
        for task, name in self.threads().items():
            used[name] += int((task / "schedstat").read_text().split()[0]) / 1000
        return used

    def context_switches(self):
        """How often each thread went to sleep by itself, by name."""
        slept = collections.Counter()
        for task, name in self.threads().items():
            count = re.search(r"^voluntary_ctxt_switches:\s*(\d+)", (task / "status").read_text(), re.M)
            slept[name] += int(count[1])
        return slept

    def resident_kilobytes(self):
        """Resident memory, and what of it no file backs."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return [int(re.search(rf"^{name}:\s*(\d+)", text, re.M)[1]) for name in ("VmRSS", "RssAnon")]


@contextlib.contextmanager
def viewers(build, program, profile, count):
    """An audience in a process of its own. Yields microseconds from the first offer to the last
    connection."""
    process = subprocess.Popen(
        [build / "tools/benchmarks/bench_viewers", profile, str(count),
         str(program.http_port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    joined = process.stdout.readline().split()
    if len(joined) != 2 or process.stdout.readline().strip() != "connected":
        sys.exit(f"{count} viewers do not connect: see above")
    audience = {"joined_in_us": float(joined[1])}
    yield audience
    audience.update(read_numbers(process.communicate("leave\n")[0]))


def stream_file(build):
    path = build / "noise.h264"
    if not path.exists():
        run([build / "tools/benchmarks/bench_make_h264", path])
    return path


def viewer_count(count):
    return f"{count} viewer" if count == 1 else f"{count} viewers"


def resident(program):
    all_of_it, anonymous = program.resident_kilobytes()
    return f"{all_of_it / 1000:.1f} / {anonymous / 1000:.1f} MB"
