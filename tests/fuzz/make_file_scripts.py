#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/files: scripts for file_transfer_fuzzer to begin with. Run it when the steps
change."""

import pathlib
import struct

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "files"


def step(kind, channel, arguments=b""):
    return bytes([channel << 4 | kind]) + arguments


def text(channel, message):
    return step(0, channel, bytes([len(message)]) + message.encode())


def raw(channel, payload):
    return step(1, channel, bytes([len(payload)]) + payload)


def put(channel, count, flags=0):
    return step(2, channel, bytes([count, flags]))


def get(channel, which, offset=0):
    return step(3, channel, struct.pack(">BH", which, offset))


def send(channel, messages):
    return step(4, channel, bytes([messages]))


def poll(channel, room=255):
    return step(5, channel, bytes([room]))


def work(count=255):
    return step(6, 0, bytes([count]))


def wait(seconds):
    return step(8, 0, bytes([seconds]))


SLOW = step(7, 0)
WRONG_HASH = 0x80

SCRIPTS = {
    "download": get(0, 0) + poll(0) * 4 + step(12, 0),
    "download_offset": get(2, 0, 50000) + poll(2) * 4,
    "download_snapshot": get(3, 1) + poll(3, 64) * 2 + step(12, 3),
    "download_missing": get(0, 3) + poll(0),
    "download_denied": get(3, 0) + poll(3),
    "download_cancel": get(0, 0) + poll(0, 80) + step(13, 0) + poll(0),
    "download_stalls": get(0, 0) + poll(0, 4) + wait(30) + wait(30),
    "upload": put(0, 20) + poll(0) + raw(0, b"abc" * 20) + poll(0),
    "upload_empty": put(0, 0) + poll(0),
    "upload_large": put(0, 160, 7) + poll(0) + send(0, 3) + raw(0, b"abc" * 80) + poll(0),
    "upload_wrong": put(0, 20, WRONG_HASH) + poll(0) + raw(0, b"abc" * 20) + poll(0),
    "upload_resumed": put(0, 40) + poll(0) + raw(0, b"abc" * 20) + step(9, 0) + put(1, 40) + poll(1)
                      + raw(1, b"abc" * 20) + poll(1),
    "upload_twice": put(0, 40) + poll(0) + raw(0, b"abc" * 20) + put(1, 40) + poll(1) + poll(0)
                    + raw(1, b"abc" * 20) + poll(1),
    "upload_disk_full": step(10, 0, b"\0\1") + put(0, 40) + poll(0) + raw(0, b"abc" * 40) + poll(0),
    "upload_commit_fails": step(11, 0, b"\1") + put(0, 1) + poll(0) + raw(0, b"abc") + poll(0),
    "upload_slow_disk": SLOW + put(0, 255, 7) + work() + poll(0) + send(0, 60) + work(1) + poll(0)
                        + send(0, 10) + work() + poll(0),
    "upload_idle": put(0, 40) + poll(0) + wait(31) + poll(0),
    "texts": text(0, '{"type":"get","area":"recordings","name":"r.mp4","offset":3}')
             + text(1, '{"type":"put","area":"firmware","name":"a","size":3,"sha256":"00"}')
             + text(2, '{"type":"error","code":1,"message":"x"}') + text(3, "[]") + poll(0),
}

DATA.mkdir(exist_ok=True)
for name, script in SCRIPTS.items():
    (DATA / name).write_bytes(script)
