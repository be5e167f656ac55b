#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/peer: scripts for peer_fuzzer to begin with. Run it when the steps change."""

import pathlib
import struct

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
FROM_SCRATCH, CONNECTED = b"\0", b"\1"


def wait(milliseconds):
    return struct.pack(">BH", 0, milliseconds)


def with_bytes(step, payload):
    """Sizes are in units of six bytes: the fuzzer pads what it reads with what follows."""
    units = min(255, -(-len(payload) // 6))
    return bytes([step, units]) + payload[: units * 6].ljust(units * 6, b"\0")


def raw(payload):
    return with_bytes(1, payload)


def from_stranger(host, payload):
    step, rest = with_bytes(2, payload)[:1], with_bytes(2, payload)[1:]
    return step + bytes([host]) + rest


def check(flags):
    return bytes([3, flags])


def answer(age=0):
    return bytes([4, age])


def role_conflict(age=0):
    return bytes([5, age])


TAKE_DTLS, GIVE_DTLS = b"\6", b"\7"


def mutated_dtls(at, xor, size):
    return struct.pack(">BHBH", 8, at, xor, size)


def rtcp(plain):
    return with_bytes(9, plain)


def rtp(plain):
    return with_bytes(10, plain)


def nack(*items):
    return bytes([11, 0, len(items)]) + b"".join(struct.pack(">HH", *item) for item in items)


PLI, FIR = b"\x0b\1", b"\x0b\2\7"
REPORT = b"\x0b\3" + bytes(24)
BYE, FOREIGN_BYE = b"\x0b\4\1", b"\x0b\4\0"


def film(kind):
    return bytes([12, kind])


def trickle(text):
    return with_bytes(13, text)


RESTART = b"\x0e"


def addresses(count):
    return bytes([15, count])


def app_data(payload):
    return with_bytes(16, payload)


CLOSE, CLOSE_NOTIFY = b"\x11\xc1\0", b"\x11\0\xc1"

KEYFRAME, FRAME, BIG_FRAME = film(0x83), film(0x01), film(0x4F)
FLIGHT = (TAKE_DTLS * 2 + GIVE_DTLS * 2) * 3
HANDSHAKE = check(0x73) + answer() + FLIGHT
CANDIDATES = b"m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n" + b"".join(
    b"a=candidate:%d 1 udp 2130706431 198.51.100.%d 4000 typ host\r\n" % (i, i) for i in range(1, 9)
)


def packets(folder):
    return [path.read_bytes() for path in sorted((DATA / folder).iterdir()) if path.is_file()]


SCRIPTS = {
    "handshake": FROM_SCRATCH + HANDSHAKE + KEYFRAME + wait(40) + FRAME + wait(40) + FRAME,
    "handshake-lost-flights": FROM_SCRATCH + check(0x73) + answer() + TAKE_DTLS + wait(60)
    + TAKE_DTLS + GIVE_DTLS + wait(200) + FLIGHT + wait(500) + FLIGHT + KEYFRAME,
    "handshake-damaged": FROM_SCRATCH + check(0x73) + answer() + TAKE_DTLS
    + mutated_dtls(20, 0xFF, 1200) + wait(100) + FLIGHT,
    "never-comes": FROM_SCRATCH + wait(40000),
    "strangers": FROM_SCRATCH
    + b"".join(from_stranger(i % 6, p) for i, p in enumerate(packets("stun/messages")[:40])),
    "dtls-flights": FROM_SCRATCH + check(0x73) + answer()
    + b"".join(raw(p) + wait(20) for p in packets("dtls")),
    "streams": CONNECTED + KEYFRAME + (FRAME + wait(33) + BIG_FRAME + wait(33) + REPORT) * 8,
    "nacks": CONNECTED + KEYFRAME + BIG_FRAME + nack((0, 0xFFFF), (0x7000, 0xFFFF)) + wait(50)
    + FRAME + nack(*[(i * 17, 0xFFFF) for i in range(32)]) + wait(50),
    "keyframe-requests": CONNECTED + KEYFRAME + (PLI + FIR + wait(10)) * 20,
    "feedback": CONNECTED + KEYFRAME + b"".join(rtcp(p) + wait(5) for p in packets("rtcp/packets")),
    "talks-back": CONNECTED + KEYFRAME + b"".join(rtp(p) + wait(5) for p in packets("rtp/packets")),
    "garbage": CONNECTED + KEYFRAME + b"".join(raw(p) for p in packets("rtcp/packets")) + FRAME,
    "byes": CONNECTED + KEYFRAME + REPORT + FOREIGN_BYE + FRAME + BYE + FRAME,
    "goodbye": CONNECTED + KEYFRAME + CLOSE + wait(100),
    "close-notify": CONNECTED + KEYFRAME + CLOSE_NOTIFY + GIVE_DTLS + wait(100),
    "messages": CONNECTED + app_data(b"hello") + GIVE_DTLS + wait(1500) + app_data(b"x" * 60)
    + GIVE_DTLS + mutated_dtls(15, 1, 100),
    "restart": CONNECTED + KEYFRAME + RESTART + FRAME + check(0x63) + answer() + wait(50) + FRAME
    + RESTART + RESTART + check(0x53) + answer() + FRAME + wait(35000),
    "trickle": FROM_SCRATCH + trickle(CANDIDATES) + wait(50) + (answer() + wait(50)) * 8 + FLIGHT,
    "role-conflicts": FROM_SCRATCH + trickle(CANDIDATES) + (check(0x71) + wait(10) + check(0x77)
                                                           + role_conflict() + wait(10)) * 8,
    "network-changes": CONNECTED + KEYFRAME + addresses(1) + FRAME + wait(50) + addresses(0) + FRAME
    + wait(5000) + addresses(2) + check(0x73) + answer() + FRAME + wait(100) + FRAME,
    "moves": CONNECTED + KEYFRAME + check(0x63) + answer() + FRAME + wait(6000) + answer() + check(0x53)
    + answer() + FRAME + wait(20000),
    "handshake-moves": FROM_SCRATCH + check(0x73) + TAKE_DTLS + GIVE_DTLS + addresses(0) + check(0xFF)
    + check(0x7F) + TAKE_DTLS + GIVE_DTLS + KEYFRAME,
    "goodbye-elsewhere": CONNECTED + KEYFRAME + addresses(0) + check(0x04) + CLOSE,
    "forged-address": CONNECTED + RESTART + check(0x40) + wait(31000) + FRAME + wait(31000) + FRAME,
}


def main():
    folder = DATA / "peer"
    folder.mkdir(exist_ok=True)
    for name, script in SCRIPTS.items():
        (folder / name).write_bytes(script)


if __name__ == "__main__":
    main()
