# SPDX-License-Identifier: Apache-2.0
"""What the tests of the program share: they start it in the VM, ask it things and wait for it."""

import base64
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request

PORT = 8080
ADMIN_TOKEN = "vm-admin-token"
# The emulation is some twenty times slower than a real machine, and shares its two cores.
PATIENCE = 30


def fetch(path, body=None):
    """What the program answers, to the admin."""
    basic = base64.b64encode(f":{ADMIN_TOKEN}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read()


def status():
    """/status, or None while nobody answers."""
    try:
        return json.loads(fetch("/status"))
    except OSError:
        return None


def call(method, **parameters):
    """The answer to a JSON-RPC request: it has a `result` or an `error`."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    return json.loads(fetch("/api/v1/rpc", json.dumps(request).encode()))


def wait_for(what, ask, condition):
    """Waits until condition(ask()) holds. Returns that answer and the seconds that it took."""
    started = time.monotonic()
    now = None
    while time.monotonic() - started < PATIENCE:
        now = ask()
        if now and condition(now):
            return now, time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"not {what} after {PATIENCE} s: {now}")


class Ocellus:
    """The program at `path`, running with `arguments`."""

    def __init__(self, path, *arguments):
        self.state = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [path, f"--http-port={PORT}", f"--state-dir={self.state.name}", *arguments],
            env={**os.environ, "OCELLUS_ADMIN_TOKEN": ADMIN_TOKEN})

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.state.cleanup()
        assert failed or code == 0, f"exit code {code} after SIGTERM"


def run(*tests):
    for test in tests:
        started = time.monotonic()
        print(f"[ RUN      ] {test.__name__}", flush=True)
        test()
        print(f"[       OK ] {test.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
