# SPDX-License-Identifier: Apache-2.0
"""How long the real program takes to answer on the control channel, while it has other things to do."""

import contextlib
import json
import random
import sys
import time

from benchmarks.common import Row
from benchmarks.program import Program, stream_file, viewer_count, viewers
from benchmarks.talk import Talk

VIEWERS = 10
QUESTIONS = 400
PAUSE_SECONDS = (0.010, 0.030)  # By chance between these, so that no rhythm meets that of the pictures.
FILE_NAME = "large.bin"
FILE_SIZE = 8_000_000_000  # Far more than there is time for.
GOAL = "- / 30 / - ms"


def measure_control(build):
    rows = []
    for count, downloads in ((0, False), (VIEWERS, False), (0, True), (VIEWERS, True)):
        with contextlib.ExitStack() as stack:
            program = stack.enter_context(Program(build, stream_file(build)))
            if count:
                stack.enter_context(viewers(build, program, "gcm", count))
            client = stack.enter_context(Talk(build))
            client.join(program)
            control = client.ask("open", "opened", label="control", protocol="ocellus.control.v1")["id"]
            if downloads:
                start_download(client, program)
            time.sleep(1)
            received, began = bytes_received(client), time.monotonic()
            round_trips = ask(client, control)
            received, took = bytes_received(client) - received, time.monotonic() - began
        label = f"{viewer_count(count) if count else 'nobody watches'}{', a download' if downloads else ''}"
        rows.append(Row(f"{label}: p50 / p95 / greatest", spread(round_trips), GOAL))
        if downloads:
            rows.append(Row(f"{label}: the download meanwhile", f"{received / took / 1e6:.0f} MB/s"))
    return rows


def start_download(client, program):
    folder = program.state / "files" / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / FILE_NAME, "wb") as file:
        file.truncate(FILE_SIZE)
    transfer = client.ask("open", "opened", label="file", protocol="ocellus.file.v1", role="sink")["id"]
    client.do("send", id=transfer,
              text=json.dumps({"type": "get", "area": "recordings", "name": FILE_NAME, "offset": 0}))


def bytes_received(client):
    return client.ask("stats", "stats")["bytes_received"]


def ask(client, control):
    """Asks again and again; how long each answer took, in seconds."""
    chance = random.Random(1)
    round_trips = []
    for number in range(QUESTIONS):
        question = json.dumps({"jsonrpc": "2.0", "id": number, "method": "device.get"})
        began = time.perf_counter()
        answer = json.loads(client.ask("send", "message", id=control, text=question)["text"])
        round_trips.append(time.perf_counter() - began)
        if answer.get("id") != number or "result" not in answer:
            sys.exit(f"the camera answers {answer}")
        time.sleep(chance.uniform(*PAUSE_SECONDS))
    return round_trips


def spread(round_trips):
    round_trips = sorted(round_trips)
    p50, p95 = (round_trips[len(round_trips) * percent // 100] for percent in (50, 95))
    return " / ".join(f"{1000 * value:.2f}" for value in (p50, p95, round_trips[-1])) + " ms"
