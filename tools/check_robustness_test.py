#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows on small made-up trees that check_robustness.py can fail, and what it lets pass."""

import pathlib
import tempfile
import unittest

import check_robustness

DOCUMENT = "**7. It holds.**\n- `tests/a_test.cc`: `Suite.Works`,\n  `Suite.WorksToo`\n"
TESTS = "// Checklist 7.\nTEST(Suite, Works) {}\nTEST_F(Suite,\n       WorksToo) {}\n"


class Robustness(unittest.TestCase):
    def check(self, document=DOCUMENT, tests=TESTS, name="a_test.cc"):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "docs").mkdir()
            (root / "tests").mkdir()
            (root / "docs/robustness.md").write_text(document)
            (root / "tests" / name).write_text(tests)
            return check_robustness.check_document(root) + check_robustness.check_tests(root)

    def test_takes_what_exists(self):
        self.assertEqual(self.check(), [])

    def test_notices_a_test_that_was_renamed(self):
        errors = self.check(tests=TESTS.replace("WorksToo", "WorksAsWell"))
        self.assertEqual(errors, ["docs/robustness.md:3: there is no Suite.WorksToo in tests/a_test.cc"])

    def test_notices_a_file_that_is_gone(self):
        errors = self.check(name="b_test.cc")
        self.assertIn("docs/robustness.md:2: there is no tests/a_test.cc", errors)

    def test_notices_a_line_that_is_missing(self):
        errors = self.check(tests=TESTS.replace("7", "7 and 8"))
        self.assertEqual(errors, ["tests/a_test.cc: names line 8, which is not in docs/robustness.md"])

    def test_reads_tests_of_python(self):
        document = "- `tests/a_test.py`: `Service.test_starts`, `Service.test_stops`\n"
        tests = "class Service(unittest.TestCase):\n    def test_starts(self):\n        pass\n"
        errors = self.check(document, tests, "a_test.py")
        self.assertEqual(
            errors, ["docs/robustness.md:1: there is no Service.test_stops in tests/a_test.py"])

    def test_reads_which_line_a_test_of_node_names(self):
        document = "**7. It holds.**\n- `tests/a_test.mjs`\n"
        self.assertEqual(self.check(document, "// Checklist 7.\n", "a_test.mjs"), [])
        errors = self.check(document, "// Checklist 8.\n", "a_test.mjs")
        self.assertEqual(
            errors, ["tests/a_test.mjs: names line 8, which is not in docs/robustness.md"])


if __name__ == "__main__":
    unittest.main()
