#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The program itself on the VM's cameras: program_vm_test.py OCELLUS USB_CAMERA.

Runs in the VM as root, after v4l2_test has loaded the modules. Watches a camera run, go away and
come back through what a person would look at: /status, /snapshot.jpg and the exit code.
"""

import subprocess
import sys

import program


def source():
    """What /status says about the source of the pictures, or None while nobody answers."""
    now = program.status()
    return now and now["source"]


def wait_for(what, condition):
    return program.wait_for(what, source, condition)


def expect_pictures(count):
    """Expects that `count` more pictures come, of a running camera or of "no signal"."""
    first = wait_for("answering", lambda _: True)[0]["frames"]
    wait_for(f"{count} pictures further", lambda now: now["frames"] >= first + count)


def ocellus(*arguments):
    return program.Ocellus(sys.argv[1], *arguments)


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
    with ocellus("--source=/dev/video0"):
        now, _ = wait_for("running", is_running)
        assert "vivid" in now["name"], now
        assert (now["width"], now["height"]) == (640, 480), now
        expect_pictures(20)
        jpeg = program.fetch("/snapshot.jpg")
        assert jpeg[:2] == b"\xff\xd8" and jpeg.rstrip(b"\0")[-2:] == b"\xff\xd9", jpeg[:16]

        write_to_vivid("unbind")
        now, _ = wait_for("lost", is_lost)
        assert "/dev/video0" in now["error"], now
        expect_pictures(5)
        write_to_vivid("bind")
        _, seconds = wait_for("running", is_running)
        print(f"  running {seconds:.1f} s after it came back")
        expect_pictures(20)


def controls():
    """The values of the camera's controls by their names; None while it is away."""
    answer = program.call("image.list")
    return {one["name"]: one["value"] for one in answer["result"]["controls"]}


def sets_again_what_people_have_set():
    # The kernel rules the gain out while it is automatic.
    wanted = {"brightness": 60, "horizontal-flip": True, "gain-automatic": False, "gain": 40}

    def are_set(now):
        return all(now.get(name) == value for name, value in wanted.items())

    with ocellus("--source=/dev/video0"):
        wait_for("running", is_running)
        before = controls()
        for name, value in wanted.items():
            answer = program.call("image.set", name=name, value=value)
            assert answer["result"]["value"] == value, answer

        write_to_vivid("unbind")
        wait_for("lost", is_lost)
        write_to_vivid("bind")
        wait_for("running", is_running)
        program.wait_for("set again", controls, are_set)

        write_to_vivid("unbind")
        wait_for("lost", is_lost)
        program.call("device.restart")
        write_to_vivid("bind")
        program.wait_for("set again after a restart", lambda: source() and controls(), are_set)

        program.call("image.reset")
        program.wait_for("as before", controls, lambda now: now["brightness"] == before["brightness"]
                         and now["gain-automatic"] and not now["horizontal-flip"])


def finds_the_first_camera_by_itself():
    with ocellus():
        now, _ = wait_for("running", is_running)
        assert "/dev/video0" in now["name"], now


def shows_a_usb_camera_that_is_pulled_out():
    camera = UsbCamera()
    with ocellus("--source=/dev/video2"):  # Before the kernel knows it.
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
    with ocellus("--source=/dev/video9"):
        now, _ = wait_for("lost", is_lost)
        assert "/dev/video9 is not there" in now["error"], now
        expect_pictures(5)


if __name__ == "__main__":
    program.run(shows_a_camera_that_goes_and_comes, sets_again_what_people_have_set,
                finds_the_first_camera_by_itself, shows_a_usb_camera_that_is_pulled_out,
                says_that_a_camera_is_missing)
