#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when docs/robustness.md names a test that does not exist, or a test names a line of the
checklist that is not there.

usage: check_robustness.py [ROOT]
"""

import pathlib
import re
import sys

DOCUMENT = "docs/robustness.md"

# `tests/rtc/ice/agent_test.cc`, and what follows up to the next file: `Agent.StaysSmall`.
QUOTED = re.compile(r"`([^`\s]+)`")
TEST_FILE = re.compile(r"tests/\S+\.(cc|py|mjs)$")
TEST_NAME = re.compile(r"\w+\.\w+$")
LINE = re.compile(r"^\*\*(\d+)\. ", re.MULTILINE)

CC_TEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)
PY_CLASS_OR_TEST = re.compile(r"^class (\w+)|^    def (test_\w+)", re.MULTILINE)
CHECKLIST = re.compile(r"(?://|#) Checklist (\d+(?:(?:, | and )\d+)*)")


def read_tests(path):
    """The "Suite.Name" of every test in a file. Node's tests have sentences for names: none."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".cc":
        return {f"{suite}.{name}" for suite, name in CC_TEST.findall(text)}
    tests, suite = set(), ""
    for new_suite, name in PY_CLASS_OR_TEST.findall(text):
        suite = new_suite or suite
        if name:
            tests.add(f"{suite}.{name}")
    return tests


def check_document(root):
    errors = []
    tests, file = set(), None
    for number, line in enumerate((root / DOCUMENT).read_text(encoding="utf-8").splitlines(), 1):
        for quoted in QUOTED.findall(line):
            if TEST_FILE.match(quoted):
                file = quoted
                exists = (root / file).is_file()
                tests = read_tests(root / file) if exists else set()
                if not exists:
                    errors.append(f"{DOCUMENT}:{number}: there is no {file}")
            elif TEST_NAME.match(quoted) and file and quoted not in tests:
                errors.append(f"{DOCUMENT}:{number}: there is no {quoted} in {file}")
        if not line.strip():
            file = None
    return errors


def check_tests(root):
    lines = set(LINE.findall((root / DOCUMENT).read_text(encoding="utf-8")))
    errors = []
    for path in sorted((root / "tests").rglob("*")):
        if path.suffix not in (".cc", ".py", ".mjs") or "node_modules" in path.parts:
            continue
        for named in CHECKLIST.findall(path.read_text(encoding="utf-8")):
            for line in re.findall(r"\d+", named):
                if line not in lines:
                    errors.append(f"{path.relative_to(root)}: names line {line}, which is not in"
                                  f" {DOCUMENT}")
    return errors


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    errors = check_document(root) + check_tests(root)
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
