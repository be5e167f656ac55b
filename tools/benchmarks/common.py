# SPDX-License-Identifier: Apache-2.0
"""What all parts of tools/bench share: rows of tables, programs that are run, and callgrind's counts."""

import collections
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


# A line of a table. The rivals' numbers were measured in the same way, on the same kind of machine;
# libdatachannel's with mbedTLS / with OpenSSL where they differ.
Row = collections.namedtuple(
    "Row", "measure ocellus goal libpeer libdatachannel", defaults=("", "", ""))

# A line of a table of what the same command measures of both.
Beside = collections.namedtuple("Beside", "measure ocellus usrsctp_unchecked usrsctp")

HEADINGS = {
    Row: ("measure", "Ocellus", "goal, at most", "libpeer", "libdatachannel"),
    Beside: ("measure", "Ocellus", "usrsctp without checksums", "usrsctp"),
}


def run(command, **options):
    """Its standard output. A command that fails ends the benchmark with the end of what it said."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).splitlines()[-20:]
        sys.exit("\n".join([*said, f"failed: {' '.join(words)}"]))
    return done.stdout


def read_numbers(text):
    """Lines of name and value."""
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: float(pair[1]) for pair in pairs if len(pair) == 2}


class Instructions:
    """What a command executes inside of `function`, after callgrind. `said` is its output."""

    def __init__(self, command, function):
        with tempfile.NamedTemporaryFile(prefix="ocellus-callgrind-") as counts:
            # Bound at once, so that the dynamic linker's work is not counted.
            self.said = read_numbers(run(
                ["valgrind", "-q", "--tool=callgrind", "--collect-atstart=no",
                 f"--toggle-collect={function}*", "--compress-strings=no", "--compress-pos=no",
                 f"--callgrind-out-file={counts.name}", *command],
                env={**os.environ, "LD_BIND_NOW": "1"}))
            self.total = 0
            self._calls = []
            self._read(counts.name)

    def below(self, callee, program=""):
        """Of calls to functions whose name begins like this, out of programs whose path has `program`
        in it."""
        return sum(cost for caller, called, cost in self._calls
                   if program in caller and re.match(callee, called))

    def _read(self, path):
        program = called = ""
        inclusive = False
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                key, _, value = line.rstrip().partition("=")
                if key == "ob":
                    program = value
                elif key == "cfn":
                    called = value
                elif key == "calls":
                    inclusive = True  # The next line is the cost of these calls.
                elif line[0].isdigit():
                    cost = int(line.split()[1])
                    if inclusive:
                        self._calls.append((program, called, cost))
                    else:
                        self.total += cost
                    inclusive = False
