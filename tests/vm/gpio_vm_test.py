#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The program's outputs on a GPIO chip of the kernel: gpio_vm_test.py OCELLUS.

Runs in the VM as root, after gpio_test has loaded the modules. The chip is a PCA9554, an I2C
expander with eight lines: i2c-stub keeps its registers, and what counts is what stands in them.
"""

import ctypes
import fcntl
import glob
import os
import struct
import sys

import program

ADDRESS = 0x20
# linux/i2c-dev.h and linux/i2c.h
I2C_SLAVE_FORCE, I2C_SMBUS = 0x0706, 0x0720
I2C_SMBUS_WRITE, I2C_SMBUS_READ, I2C_SMBUS_BYTE_DATA = 0, 1, 2


class Expander:
    """The chip. Its registers have a bit a line: levels, and directions, in which 1 is an input."""

    LEVELS, DIRECTIONS = 1, 3
    FREE = 0xFF  # Both of them after power-on.

    def __init__(self):
        name = next(path for path in glob.glob("/sys/bus/i2c/devices/i2c-*")
                    if "stub" in open(f"{path}/name").read())
        self.adapter = name
        self.bus = os.open(f"/dev/{os.path.basename(name)}", os.O_RDWR)
        fcntl.ioctl(self.bus, I2C_SLAVE_FORCE, ADDRESS)

    def _transfer(self, kind, register, value=0):
        data = ctypes.create_string_buffer(bytes([value]), 34)
        fcntl.ioctl(self.bus, I2C_SMBUS, struct.pack(
            "@BBIP", kind, register, I2C_SMBUS_BYTE_DATA, ctypes.addressof(data)))
        return data.raw[0]

    def _tell_adapter(self, file, what):
        with open(f"{self.adapter}/{file}", "w") as attribute:
            attribute.write(what)

    def plug(self):
        for register in (self.LEVELS, self.DIRECTIONS):
            self._transfer(I2C_SMBUS_WRITE, register, self.FREE)
        self._tell_adapter("new_device", f"pca9554 {ADDRESS:#x}")

    def unplug(self):
        self._tell_adapter("delete_device", f"{ADDRESS:#x}")

    @property
    def levels(self):
        return self._transfer(I2C_SMBUS_READ, self.LEVELS)

    @property
    def directions(self):
        return self._transfer(I2C_SMBUS_READ, self.DIRECTIONS)


expander = Expander()


def without(*lines):
    """A register with ones but for these."""
    return Expander.FREE & ~sum(1 << line for line in lines)


def ocellus(outputs):
    return program.Ocellus(sys.argv[1], "--source=test-pattern", "--fps=5", f"--outputs={outputs}")


def wait_until_live():
    program.wait_for("answering", program.status, lambda _: True)


def outputs():
    return {one["name"]: one for one in program.call("outputs.list")["result"]["outputs"]}


def switch(name, on):
    return program.call("outputs.set", name=name, on=on)


def assert_chip(levels, directions):
    found = (expander.levels, expander.directions)
    assert found == (levels, directions), f"{found[0]:08b} {found[1]:08b}"


def switches_lines_and_touches_no_others():
    expander.plug()
    with ocellus("porch=light:gpiochip0/2,gate=relay:gpiochip0/5/low"):
        wait_until_live()
        # Both are off: a line that is active when low is high.
        assert_chip(levels=without(2), directions=without(2, 5))
        assert switch("porch", True)["result"]["outputs"][0]["on"]
        assert_chip(levels=without(), directions=without(2, 5))
        switch("gate", True)
        assert_chip(levels=without(5), directions=without(2, 5))
        switch("porch", False)
        assert_chip(levels=without(2, 5), directions=without(2, 5))
        switch("gate", False)
        assert_chip(levels=without(2), directions=without(2, 5))
    expander.unplug()


def says_which_lines_it_cannot_have_and_takes_them_later():
    expander.plug()
    chip = glob.glob("/sys/class/gpio/gpiochip*")[0]
    taken = int(open(f"{chip}/base").read()) + 3
    with open("/sys/class/gpio/export", "w") as export:
        export.write(str(taken))
    with ocellus("far=light:gpiochip0/8,away=light:gpiochip7/0,taken=light:gpiochip0/3"):
        wait_until_live()
        now = outputs()
        assert "the chip has no such line" in now["far"]["error"], now
        assert "there is no such chip" in now["away"]["error"], now
        assert "somebody else uses it" in now["taken"]["error"], now
        assert "somebody else uses it" in switch("taken", True)["error"]["message"]
        with open("/sys/class/gpio/unexport", "w") as unexport:
            unexport.write(str(taken))
        assert "result" in switch("taken", True)
        assert "error" not in outputs()["taken"], outputs()
        assert_chip(levels=without(), directions=without(3))
    expander.unplug()


def switches_on_a_chip_that_was_gone():
    expander.plug()
    with ocellus("porch=light:gpiochip0/2"):
        wait_until_live()
        assert "result" in switch("porch", True)
        expander.unplug()
        assert "gpiochip0, line 2" in switch("porch", True)["error"]["message"]
        assert "gpiochip0, line 2" in outputs()["porch"]["error"], outputs()
        expander.plug()
        assert "result" in switch("porch", True)
        assert_chip(levels=without(), directions=without(2))
    expander.unplug()


if __name__ == "__main__":
    program.run(switches_lines_and_touches_no_others,
                says_which_lines_it_cannot_have_and_takes_them_later,
                switches_on_a_chip_that_was_gone)
