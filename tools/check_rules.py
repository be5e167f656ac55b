#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Executes the rules of the house: who may include whom, no ambient clock, randomness, threads or
locks in firmware/, a test for every source file, and how a file begins and ends.

    tools/check_rules.py [ROOT]

Prints each violation as file:line: message and exits with 1 when there is one. The rules are the
tables below; tools/check_rules_test.py shows that each of them can fail.
"""

import os
import re
import sys
from pathlib import Path

# Who may include whom: the first row whose folder holds the file counts. A folder may always
# include itself.
INCLUDE_TABLE = [
    ("firmware/base", []),
    ("hal", ["firmware/base"]),
    ("firmware/rtc", ["firmware/base"]),
    ("firmware/media", ["firmware/base", "hal"]),
    ("firmware/json", ["firmware/base"]),
    ("firmware/auth", ["firmware/base", "firmware/rtc"]),
    ("firmware/control", ["firmware/auth", "firmware/base", "firmware/json", "firmware/media",
                          "firmware/rtc", "hal"]),
    ("firmware/signaling", ["firmware/auth", "firmware/base", "firmware/json", "firmware/media",
                            "firmware/rtc", "hal"]),
    ("firmware/rtsp", ["firmware/base", "firmware/media", "firmware/rtc", "hal"]),
    ("firmware/record", ["firmware/base", "firmware/media", "firmware/rtc", "hal"]),
    ("firmware/app", ["firmware", "hal"]),
    ("drivers/*", ["firmware/base", "hal"]),
    ("platform/*", ["firmware", "hal", "drivers", "web"]),
]

# Other people's headers: (header prefix, the only files that may include it). A path may end
# anywhere in a name: "firmware/json/json" is json.h and json.cc.
LIBRARY_TABLE = [
    ("mbedtls/", ["firmware/rtc/crypto/", "firmware/rtc/dtls/"]),
    ("psa/", ["firmware/rtc/crypto/", "firmware/rtc/dtls/"]),
    ("srtp2/", ["firmware/rtc/srtp/"]),
    ("usrsctp.h", ["tests/rtc/sctp/", "tools/benchmarks/"]),
    ("cjson/", ["firmware/json/json."]),
    ("wels/", ["drivers/openh264_decoder/", "drivers/openh264_encoder/"]),
    ("turbojpeg.h", ["drivers/turbojpeg_codec/"]),
    ("libyuv.h", ["drivers/libyuv_picture_transformer/"]),
    ("linux/gpio.h", ["drivers/linux_gpio/"]),
    ("arm_acle.h", ["firmware/rtc/sctp/crc32c.cc"]),
    ("nmmintrin.h", ["firmware/rtc/sctp/crc32c.cc"]),
    ("linux/videodev2.h", ["drivers/v4l2_camera/"]),
    ("libwebsockets.h", ["drivers/libwebsockets_http_server/"]),
]

# Drivers for something of the operating system (devices, sockets, files): these may include its
# headers.
SYSTEM_DRIVERS = ["drivers/file_camera/", "drivers/libwebsockets_http_server/",
                  "drivers/linux_gpio/", "drivers/v4l2_camera/"]

STANDARD_HEADERS = set("""
algorithm any array atomic bitset charconv chrono complex deque exception forward_list functional
initializer_list iterator limits list locale map memory memory_resource new numeric optional queue
ratio regex scoped_allocator set stack stdexcept string string_view strstream system_error tuple
type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector
cassert cctype cerrno cfenv cfloat cinttypes climits clocale cmath csetjmp csignal cstdarg cstddef
cstdint cstdio cstdlib cstring cuchar cwchar cwctype
""".split())

# Standard, but each brings a thread, a clock, chance, files or iostream: not in firmware or hal.
AMBIENT_HEADERS = set("""
thread mutex shared_mutex condition_variable future random ctime iostream istream ostream sstream
fstream iomanip ios iosfwd streambuf filesystem execution
""".split())

# What reads a clock, draws random numbers, waits, locks or shares ownership by itself.
AMBIENT_PATTERNS = [
    (r"_clock\s*::\s*now\b", "reads a clock: take `Time now` as a parameter"),
    (r"(?<![\w.>])(?:std\s*::\s*)?time\s*\(\s*(?:NULL|nullptr|0|&)", "reads the wall clock"),
    (r"\b(?:gettimeofday|clock_gettime|localtime|gmtime|mktime)\s*\(", "reads the wall clock"),
    (r"(?<![\w.>:])(?:std\s*::\s*)?(?:rand|srand|random|drand48|arc4random)\s*\(",
     "draws random numbers: take a Random"),
    (r"\b(?:random_device|mt19937(?:_64)?|default_random_engine)\b",
     "draws random numbers: take a Random"),
    (r"\bgetrandom\s*\(", "draws random numbers: take a Random"),
    (r"\bstd\s*::\s*(?:thread|jthread|async|future|promise)\b", "starts a thread: the platform does"),
    (r"\bstd\s*::\s*(?:\w*mutex|lock_guard|unique_lock|scoped_lock|shared_lock|call_once)\b",
     "locks: threads share Mailbox and atomics only"),
    (r"\bcondition_variable\w*\b", "waits for a thread: threads share Mailbox and atomics only"),
    (r"\bpthread_\w+\s*\(", "uses threads: the platform does"),
    (r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\s*\(", "sleeps: say next_deadline() instead"),
    (r"(?<![\w.>:])sleep\s*\(", "sleeps: say next_deadline() instead"),
    (r"\b(?:shared_ptr|make_shared|weak_ptr)\b", "shares ownership: unique_ptr owns, references borrow"),
]

PORTABLE = ("firmware/", "hal/")
PRODUCT = ("firmware/", "hal/", "drivers/", "platform/")
MAX_LINES = 500
SPDX = "SPDX-License-Identifier: Apache-2.0"
SOURCE_SUFFIXES = {".cc", ".c", ".h", ".py", ".sh", ".cmake", ".js", ".mjs", ".ts", ".css", ".html"}
SKIPPED_FOLDERS = {"build", "node_modules", "__pycache__", "data", "third_party"}


class File:
    """A file of the tree: its path from the root, with slashes, and its text."""

    def __init__(self, root, path):
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")
        self._code = None

    @property
    def lines(self):
        return self.text.splitlines()

    @property
    def is_cpp(self):
        return self.path.endswith((".cc", ".h"))

    @property
    def code(self):
        """C++ without comments and the insides of strings, line by line as before."""
        if self._code is None:
            self._code = strip_comments_and_strings(self.text)
        return self._code

    def line_at(self, offset):
        return self.code.count("\n", 0, offset) + 1


def strip_comments_and_strings(text):
    token = re.compile(
        r"//[^\n]*|/\*.*?\*/|R\"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'"
        r"|(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", re.DOTALL)

    def blank(match):
        found = match.group()
        if found == "'":  # A digit separator.
            return found
        newlines = "\n" * found.count("\n")
        return newlines if found.startswith("/") else '""' + newlines

    # Include lines keep their names.
    kept = []
    for part in re.split(r"(^[ \t]*#[ \t]*include[^\n]*)", text, flags=re.MULTILINE):
        kept.append(part if part.lstrip().startswith("#include") else token.sub(blank, part))
    return "".join(kept)


def source_files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders
                            if name not in SKIPPED_FOLDERS and not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if (path.suffix in SOURCE_SUFFIXES or name == "CMakeLists.txt"
                    or (path.suffix == "" and is_script(path))):
                yield path.relative_to(root).as_posix()


def is_script(path):
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def check_first_lines(file):
    if not any(SPDX in line for line in file.lines[:3]):
        yield 1, f"no '{SPDX}' at the top"
    if file.path.endswith(".h") and "#pragma once" not in file.lines:
        yield 1, "no '#pragma once'"


def check_length(file):
    if file.path.startswith(PRODUCT) and file.is_cpp and len(file.lines) > MAX_LINES:
        yield len(file.lines), f"{len(file.lines)} lines, at most {MAX_LINES}: split it by what it does"


def check_includes(file):
    if not file.path.startswith(PRODUCT) or not file.is_cpp:
        return
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', file.code,
                             re.MULTILINE):
        line = file.line_at(match.start(1))
        problem = (project_include_problem(file.path, match.group(2)) if match.group(1) == '"'
                   else system_include_problem(file.path, match.group(2)))
        if problem:
            yield line, problem


def include_row(path):
    """The folder that a file belongs to by the table, and what that may include."""
    for folder, allowed in INCLUDE_TABLE:
        if folder.endswith("/*"):
            parts = path.split("/")
            if path.startswith(folder[:-1]) and len(parts) > 2:
                return "/".join(parts[:2]), allowed
        elif path.startswith(folder + "/"):
            return folder, allowed
    return None, []


def project_include_problem(path, header):
    if "/" not in header or header.startswith("."):
        return f'"{header}" is not named from the root, like "firmware/base/time.h"'
    own, allowed = include_row(path)
    if own is None:
        return f"no row of the include table is for {path}"
    if any(header.startswith(folder + "/") for folder in [own] + allowed):
        return None
    may = ", ".join([own] + allowed)
    return f'{own} includes "{header}"; it may include {may} only'


def system_include_problem(path, header):
    for prefix, users in LIBRARY_TABLE:
        if header.startswith(prefix):
            if path.startswith("platform/") or any(path.startswith(user) for user in users):
                return None
            return f"<{header}> belongs into {' and '.join(users)} only"
    if header in STANDARD_HEADERS or path.startswith("platform/"):
        return None
    if header in AMBIENT_HEADERS:
        if path.startswith(PORTABLE):
            return f"<{header}> brings threads, clocks, chance, files or iostream"
        return None
    if any(path.startswith(driver) for driver in SYSTEM_DRIVERS):
        return None
    return f"<{header}> is neither of the C++ standard library nor a library of this folder"


def check_ambient(file):
    if not file.path.startswith(PORTABLE) or not file.is_cpp:
        return
    for pattern, why in AMBIENT_PATTERNS:
        for match in re.finditer(pattern, file.code):
            yield file.line_at(match.start()), f"{match.group().strip()}: {why}"


def check_has_test(file, paths):
    if not file.path.startswith(PRODUCT) or not file.is_cpp or is_composition_root(file):
        return
    stem = file.path.rsplit(".", 1)[0]
    if file.path.endswith(".h") and (stem + ".cc" in paths or only_declares(file.code)):
        return
    wanted = test_of(stem)
    candidates = [wanted]
    if file.path.endswith(".cc") and stem + ".h" not in paths:
        # A part of something larger is tested with the header that it implements.
        first = re.search(r'^#include "([^"]+)\.h"', file.code, re.MULTILINE)
        if first:
            candidates.append(test_of(first.group(1)))
    if not any(candidate in paths for candidate in candidates):
        yield 1, f"no test: expected {' or '.join(dict.fromkeys(candidates))}"


def test_of(stem):
    return "tests/" + re.sub(r"^firmware/", "", stem) + "_test.cc"


def is_composition_root(file):
    """main() and the boards only put together what has tests; the interop tests run them."""
    return (re.match(r"platform/[^/]+/boards/", file.path) is not None
            or (file.path.startswith("platform/") and re.search(r"\bint main\s*\(", file.code)))


def only_declares(code):
    """Whether no function of a header branches or loops: then there is nothing to test alone."""
    head = re.compile(
        r"(?P<name>operator\s*[=!<>]+|\w+)\s*\((?:[^(){};]|\([^(){};]*\))*\)"
        r"(?:\s|const\b|noexcept\b|override\b|final\b|->\s*[\w:<>*& ]+?)*"
        r"(?::[^{};]*(?:\{[^{}]*\}[^{};]*)*)?\{")
    for match in head.finditer(code):
        if match.group("name").startswith("operator"):
            continue  # Compares members.
        body = body_from(code, match.end())
        if re.search(r"\b(?:if|for|while|do|switch)\b|\?|&&|\|\|", body):
            return False
    return True


def body_from(code, begin):
    """What stands between the brace before `begin` and the one that closes it."""
    depth = 1
    for offset in range(begin, len(code)):
        depth += {"{": 1, "}": -1}.get(code[offset], 0)
        if depth == 0:
            return code[begin:offset]
    return code[begin:]


def check_tree(root):
    """The violations below `root`, as "file:line: message"."""
    root = Path(root)
    paths = set(source_files(root))
    violations = []
    for path in sorted(paths):
        file = File(root, path)
        found = []
        for check in (check_first_lines, check_length, check_includes, check_ambient):
            found += check(file)
        found += check_has_test(file, paths)
        violations += [f"{path}:{line}: {message}" for line, message in sorted(found)]
    return violations


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    violations = check_tree(root)
    for violation in violations:
        print(violation)
    print(f"{len(violations)} violations" if violations else "All rules are kept.")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
