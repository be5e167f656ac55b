#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The program itself on the VM's cameras: program_vm_test.py OCELLUS USB_CAMERA.

Runs in the VM as root, after v4l2_test has loaded the modules. Watches a camera run, go away and
come back through what a person would look at: /status, /snapshot.jpg and the exit code.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

PORT = 8080
# The emulation is some twenty times slower than a real machine, and shares its two cores.
PATIENCE = 30


def fetch(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10) as response:
        return response.read()


def source():
    """What /status says about the source of the pictures, or None while nobody answers."""
    try:
        return json.loads(fetch("/status"))["source"]
    except OSError:
        return None


def wait_for(what, condition):
    """Waits until condition(source) holds. Returns the source and the seconds that it took."""
    started = time.monotonic()
    now = None
    while time.monotonic() - started < PATIENCE:
        now = source()
        if now and condition(now):
            return now, time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"not {what} after {PATIENCE} s: {now}")


def expect_pictures(count):
    """Expects that `count` more pictures come, of a running camera or of "no signal"."""
    first = wait_for("answering", lambda _: True)[0]["frames"]
    wait_for(f"{count} pictures further", lambda now: now["frames"] >= first + count)


class Ocellus:
    """The program, running with `arguments`."""

    def __init__(self, *arguments):
        self.state = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [sys.argv[1], "--open", f"--http-port={PORT}", f"--state-dir={self.state.name}", *arguments])

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.state.cleanup()
        assert failed or code == 0, f"exit code {code} after SIGTERM"


class UsbCamera:
    """The USB camera, plugged in."""

    def __init__(self):
        self.process = subprocess.Popen([sys.argv[2], "640", "480", "30"])

    def unplug(self):
        self.process.kill()
        self.process.wait()


def write_to_vivid(verb):
    with open(f"/sys/bus/platform/drivers/vivid/{verb}", "w") as file:
        file.write("vivid.0")


def is_running(now):
    return now["state"] == "running"


def is_lost(now):
    return now["state"] == "lost"


def shows_a_camera_that_goes_and_comes():
    with Ocellus("--source=/dev/video0"):
        now, _ = wait_for("running", is_running)
        assert "vivid" in now["name"], now
        assert (now["width"], now["height"]) == (640, 480), now
        expect_pictures(20)
        jpeg = fetch("/snapshot.jpg")
        assert jpeg[:2] == b"\xff\xd8" and jpeg.rstrip(b"\0")[-2:] == b"\xff\xd9", jpeg[:16]

        write_to_vivid("unbind")
        now, _ = wait_for("lost", is_lost)
        assert "/dev/video0" in now["error"], now
        expect_pictures(5)
        write_to_vivid("bind")
        _, seconds = wait_for("running", is_running)
        print(f"  running {seconds:.1f} s after it came back")
        expect_pictures(20)


def finds_the_first_camera_by_itself():
    with Ocellus():
        now, _ = wait_for("running", is_running)
        assert "/dev/video0" in now["name"], now


def shows_a_usb_camera_that_is_pulled_out():
    camera = UsbCamera()
    with Ocellus("--source=/dev/video2"):  # Before the kernel knows it.
        now, _ = wait_for("running", is_running)
        assert "Ocellus test camera" in now["name"], now
        assert now["format"].lower() == "mjpeg", now
        expect_pictures(10)
        camera.unplug()
        now, _ = wait_for("lost", is_lost)
        assert "/dev/video2" in now["error"], now
        camera = UsbCamera()
        wait_for("running", is_running)
        expect_pictures(10)
    camera.unplug()


def says_that_a_camera_is_missing():
    with Ocellus("--source=/dev/video9"):
        now, _ = wait_for("lost", is_lost)
        assert "/dev/video9 is not there" in now["error"], now
        expect_pictures(5)


def main():
    for test in (shows_a_camera_that_goes_and_comes, finds_the_first_camera_by_itself,
                 shows_a_usb_camera_that_is_pulled_out, says_that_a_camera_is_missing):
        started = time.monotonic()
        print(f"[ RUN      ] {test.__name__}", flush=True)
        test()
        print(f"[       OK ] {test.__name__} ({time.monotonic() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
