#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/turn: scripts for turn_fuzzer to begin with. Run it when the steps change."""

import pathlib
import struct

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "turn"
STREAM, UDP = b"\0", b"\1"
UNSIGNED, MD5, SHA256 = 0, 0x20 | 0x40, 0x20 | 0x80
CODES = [401, 438, 437, 403, 420, 440, 441, 443, 486, 508, 300, 500]
WHOLE, CUT = b"", b"\5"


def wait(milliseconds):
    return struct.pack(">BH", 0, milliseconds)


def wait_long(seconds):
    return bytes([1, seconds])


def send(peer, size=100, room=52):
    return bytes([2, peer, size, room])


def media(peer):
    """A dozen packets to one peer: worth a channel."""
    return bytes([8]) + bytes([peer, 52]) * 12


def raw(payload, cut):
    return bytes([3, len(payload)]) + payload + cut


def challenge(cut, code=401, nonce=b"nonce", algorithms=b"", age=0):
    flags = 1 | 2 | 4 | (16 if algorithms else 0)
    step = bytes([5, age, flags, CODES.index(code), len(nonce)]) + nonce
    return step + (bytes([len(algorithms)]) + algorithms if algorithms else b"") + cut


def refusal(cut, code, sign=MD5, age=0):
    return bytes([5, age, sign, CODES.index(code)]) + cut


def success(cut, flags=0, lifetime=600, sign=MD5, age=0):
    step = bytes([4, age, flags | sign])
    return step + (struct.pack(">I", lifetime) if flags & 4 else b"") + cut


def data(peer, size, cut):
    return bytes([6, peer, size]) + cut


def channel_data(number, length, cut):
    return struct.pack(">BBH", 7, number, length) + cut


CLOSE = b"\x09\0"


def allocated(cut, families=1, lifetime=600):
    return challenge(cut) + success(cut, families | 4, lifetime)


def with_peers(cut):
    return allocated(cut, 3) + send(0) + success(cut) + media(1) + success(cut) + send(1)


SCRIPTS = {
    "allocate-and-close": UDP + allocated(WHOLE) + CLOSE + success(WHOLE),
    "without-credentials": UDP + success(WHOLE, 1 | 4, sign=UNSIGNED) + send(1) + CLOSE,
    "permission-and-channel": UDP + with_peers(WHOLE) + data(1, 20, WHOLE)
                              + channel_data(0, 40, WHOLE) + channel_data(0x80, 40, WHOLE),
    "over-a-stream": STREAM + with_peers(CUT) + data(1, 20, CUT) + channel_data(0, 41, CUT)
                     + channel_data(0x40, 63, CUT) + raw(b"\x16\x03\x01\x02", CUT),
    "stale-nonce": UDP + allocated(WHOLE) + wait_long(255) + wait_long(210)
                   + challenge(WHOLE, 438, b"second") + success(WHOLE, 4) + wait_long(60),
    "sha-256": UDP + challenge(WHOLE, nonce=b"obMatJos2wAAAx", algorithms=b"\0\2\0\0\0\1\0\0")
               + success(WHOLE, 1 | 4, sign=SHA256),
    "fewer-families": UDP + challenge(WHOLE) + refusal(WHOLE, 420) + refusal(WHOLE, 440)
                      + success(WHOLE, 2 | 4) + send(3) + success(WHOLE),
    "former-allocation": UDP + challenge(WHOLE) + refusal(WHOLE, 437) + success(WHOLE, 4)
                         + success(WHOLE, 1 | 4, 0) + wait_long(3) + success(WHOLE, 4, 0xFFFFFFFF),
    "refused": UDP + challenge(WHOLE) + refusal(WHOLE, 486),
    "refused-peer": UDP + allocated(WHOLE) + send(0) + refusal(WHOLE, 403) + send(0) + wait(500),
    "hours": UDP + with_peers(WHOLE) + (media(1) + wait_long(200) + success(WHOLE, 4)
                                        + success(WHOLE, age=1)) * 8,
}


def main():
    DATA.mkdir(exist_ok=True)
    for name, script in SCRIPTS.items():
        (DATA / name).write_bytes(script)


if __name__ == "__main__":
    main()
