#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/data_channels: scripts for data_channels_fuzzer. Run it when the steps change."""

import pathlib
import struct

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "data_channels"
PLAIN, INTERLEAVED, SMALL = b"\0", b"\1", b"\2"


def step(what, channel=0, data=b""):
    return bytes([what, channel, len(data)]) + data


def chunks(*values):
    """Chunks as (type, flags, value)."""
    data = b""
    for kind, flags, value in values:
        data += struct.pack(">BBH", kind, flags, 4 + len(value)) + value
        data += bytes(-len(value) % 4)
    return step(0, 0, data)


def dcep_open(channel, kind=0, label=b"label", protocol=b"", reliability=0):
    head = struct.pack(">BBHIHH", 3, kind, 256, reliability, len(label), len(protocol))
    return step(2, channel, head + label + protocol)


def dcep_ack(channel):
    return step(2, channel, b"\2")


def message(channel, ppid, data):
    """`ppid` is 50 to 57, as the length of the data says."""
    return step(4, channel, data + b"." * ((ppid - 50 - len(data)) % 8))


def open_ours(number=0, channel=0):
    return step(5, channel, b"." * number)


def send(channel, data):
    return step(6, channel, data)


def close(channel):
    return step(7, channel)


def wait():
    return step(8)


def shut_down():
    return step(8, 0, b"." * 255)


def reset(channel, behind=1):
    return step(9, channel, b"." * behind)


def response(request, result):
    return (130, 0, struct.pack(">HHII", 16, 12, request, result))


SACK = (3, 0, struct.pack(">IIHH", 0x01020304, 100000, 0, 0))

SCRIPTS = {
    "open_and_talk": PLAIN + dcep_open(1) + message(1, 51, b"hello") + send(1, b"hello") + wait(),
    "all_types": PLAIN + b"".join(
        dcep_open(1 + 2 * i, kind) for i, kind in enumerate([0, 1, 2, 0x80, 0x81, 0x82, 3])),
    "ours": PLAIN + open_ours() + dcep_ack(0) + send(0, b"x" * 200) + close(0) + wait() * 3,
    "negotiated": INTERLEAVED + open_ours(8, 5) + message(5, 53, b"abc") + close(5) + reset(5),
    "refused": PLAIN + open_ours() + reset(0) + wait() + open_ours(),
    "wrong_parity": PLAIN + dcep_open(2) + dcep_open(1) + dcep_open(1) + dcep_ack(3) + wait(),
    "parts": SMALL + dcep_open(1) + message(1, 54, b"half") + message(1, 54, b"x" * 60) +
             message(1, 51, b"end") + message(1, 56, b"") + message(1, 57, b""),
    "closing": PLAIN + dcep_open(1) + send(1, b"data") + close(1) + reset(1) +
               chunks(response(1, 1)) + dcep_open(1) + reset(1, 0) + wait() * 2,
    "control": PLAIN + chunks((4, 0, b"\0\1\0\4"), (5, 0, b"")) + chunks(SACK) +
               chunks((9, 0, struct.pack(">HHI", 3, 8, 9))) + chunks((0xC1, 0, b"????")) +
               chunks((7, 0, b"\0\0\0\0")) + chunks((8, 0, b"")) + chunks((14, 0, b"")),
    "abort": PLAIN + dcep_open(1) + chunks((6, 0, struct.pack(">HH", 12, 8) + b"bye!")) + wait(),
    "shut_down": PLAIN + dcep_open(1) + shut_down() + wait() * 3 + chunks((8, 0, b"")),
    "forward": PLAIN + dcep_open(1) + chunks((192, 0, struct.pack(">IHH", 1010, 1, 3))) +
               message(1, 51, b"later"),
}

DATA.mkdir(parents=True, exist_ok=True)
for name, script in SCRIPTS.items():
    (DATA / f"{name}.bin").write_bytes(script)
