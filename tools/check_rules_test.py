#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows on small made-up trees that each rule of check_rules.py can fail, and what it lets pass."""

import tempfile
import unittest
from pathlib import Path

import check_rules

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


class Rules(unittest.TestCase):
    def check(self, files):
        """The violations of a tree; C++ files get their SPDX line, and headers #pragma once."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                place = Path(root, path)
                place.parent.mkdir(parents=True, exist_ok=True)
                if path.endswith(".h"):
                    text = SPDX + "#pragma once\n" + text
                elif path.endswith(".cc"):
                    text = SPDX + text
                place.write_text(text)
            return check_rules.check_tree(root)

    def source(self, path, text):
        """A tree of one source file with its test."""
        test = "tests/" + path.replace("firmware/", "", 1).replace(".cc", "_test.cc")
        return {path: text, test: ""}

    def assert_refuses(self, path, text, *expected):
        violations = self.check(self.source(path, text))
        self.assertEqual(len(violations), 1, violations)
        for part in expected:
            self.assertIn(part, violations[0])

    def assert_takes(self, path, text):
        self.assertEqual(self.check(self.source(path, text)), [])

    # First and last lines.

    def test_every_source_file_begins_with_its_license(self):
        self.assertEqual(
            [v.split(":")[0] for v in self.check({
                "CMakeLists.txt": "project(x)\n", "tools/run": "#!/bin/sh\n", "web/a.js": "x\n",
                "tools/good": "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n",
                "README.md": "text\n"})],
            ["CMakeLists.txt", "tools/run", "web/a.js"])

    def test_every_header_is_guarded(self):
        with tempfile.TemporaryDirectory() as root:
            Path(root, "hal").mkdir()
            Path(root, "hal/a.h").write_text(SPDX)
            self.assertEqual(check_rules.check_tree(root), ["hal/a.h:1: no '#pragma once'"])

    def test_no_file_is_longer_than_500_lines(self):
        self.assert_takes("firmware/base/a.cc", "\n" * 499)
        self.assert_refuses("firmware/base/a.cc", "\n" * 500, "a.cc:501: 501 lines")

    def test_generated_and_foreign_folders_are_not_looked_at(self):
        self.assertEqual(self.check({"build/a.py": "x", "web/node_modules/b.js": "x",
                                     "tests/data/c.js": "x", ".git/d.py": "x"}), [])

    # The include table.

    def test_base_stands_alone(self):
        self.assert_takes("firmware/base/a.cc", '#include "firmware/base/b.h"\n#include <vector>\n')
        self.assert_refuses("firmware/base/a.cc", '\n#include "hal/camera.h"\n',
                            "firmware/base/a.cc:3:", "hal/camera.h")

    def test_hal_knows_base_only(self):
        self.assert_takes("hal/a.cc", '#include "firmware/base/b.h"\n')
        self.assert_refuses("hal/a.cc", '#include "firmware/media/b.h"\n', "firmware/media/b.h")

    def test_rtc_knows_no_hal(self):
        self.assert_takes("firmware/rtc/ice/a.cc", '#include "firmware/rtc/stun/b.h"\n')
        self.assert_refuses("firmware/rtc/ice/a.cc", '#include "hal/camera.h"\n', "hal/camera.h")

    def test_media_knows_no_rtc(self):
        self.assert_takes("firmware/media/a.cc", '#include "hal/camera.h"\n')
        self.assert_refuses("firmware/media/a.cc", '#include "firmware/rtc/rtp/b.h"\n', "rtp/b.h")

    def test_signaling_and_app_know_no_drivers(self):
        for folder in ("signaling", "app"):
            self.assert_takes(f"firmware/{folder}/a.cc", '#include "firmware/rtc/peer/b.h"\n')
            self.assert_refuses(f"firmware/{folder}/a.cc", '#include "drivers/d/b.h"\n', "drivers")
        self.assert_refuses("firmware/signaling/a.cc", '#include "firmware/app/b.h"\n', "app/b.h")

    def test_drivers_know_no_other_driver_and_no_firmware(self):
        self.assert_takes("drivers/d/a.cc", '#include "drivers/d/b.h"\n#include "hal/camera.h"\n')
        self.assert_refuses("drivers/d/a.cc", '#include "drivers/e/b.h"\n', "drivers/e/b.h")
        self.assert_refuses("drivers/d/a.cc", '#include "firmware/media/b.h"\n', "media/b.h")

    def test_a_platform_knows_everything_but_another_platform(self):
        self.assert_takes("platform/linux/a.cc",
                          '#include "drivers/d/b.h"\n#include "firmware/app/c.h"\n'
                          '#include "platform/linux/d.h"\n#include <sys/epoll.h>\n')
        self.assert_refuses("platform/linux/a.cc", '#include "platform/esp32/b.h"\n', "esp32")

    def test_a_folder_without_a_row_is_refused(self):
        self.assert_refuses("firmware/new/a.cc", '#include "firmware/base/b.h"\n', "no row")

    def test_headers_are_named_from_the_root(self):
        self.assert_refuses("firmware/base/a.cc", '#include "b.h"\n', "from the root")
        self.assert_refuses("firmware/base/a.cc", '#include "../base/b.h"\n', "from the root")

    def test_libraries_stay_in_their_wrappers(self):
        for header, home in (("mbedtls/ssl.h", "firmware/rtc/dtls/a.cc"),
                             ("mbedtls/md.h", "firmware/rtc/crypto/a.cc"),
                             ("srtp2/srtp.h", "firmware/rtc/srtp/a.cc"),
                             ("linux/gpio.h", "drivers/linux_gpio/a.cc"),
                             ("cjson/cJSON.h", "firmware/json/json.cc"),
                             ("linux/videodev2.h", "drivers/v4l2_camera/a.cc")):
            self.assert_takes(home, f"#include <{header}>\n")
            for stranger in ("firmware/rtc/peer/a.cc", "firmware/signaling/whep.cc",
                             "drivers/d/a.cc"):
                self.assert_refuses(stranger, f"#include <{header}>\n", header, "only")

    def test_firmware_and_hal_have_no_system_headers(self):
        for path in ("firmware/rtc/ice/a.cc", "hal/a.cc", "drivers/test_pattern_camera/a.cc"):
            self.assert_refuses(path, "#include <sys/socket.h>\n", "sys/socket.h")
        self.assert_takes("drivers/v4l2_camera/a.cc", "#include <sys/ioctl.h>\n")

    def test_firmware_has_no_ambient_headers(self):
        for header in ("thread", "mutex", "random", "iostream", "fstream", "ctime"):
            self.assert_refuses("firmware/app/a.cc", f"#include <{header}>\n", header, "brings")
            self.assert_takes("drivers/d/a.cc", f"#include <{header}>\n")

    # Clocks, chance, threads, locks.

    def test_nothing_ambient_in_firmware(self):
        for code in ("auto t = std::chrono::steady_clock::now();", "time(nullptr);",
                     "std::time(0);", "gettimeofday(&tv, 0);", "clock_gettime(CLOCK_REALTIME, &t);",
                     "int r = rand();", "std::random_device device;", "std::mt19937 engine;",
                     "std::thread thread(f);", "std::mutex mutex;", "std::lock_guard lock(m);",
                     "std::condition_variable c;", "std::shared_ptr<int> p;", "usleep(5);",
                     "std::this_thread::sleep_for(x);", "sleep(1);", "pthread_create(a, b, c, d);"):
            self.assert_refuses("firmware/app/a.cc", "\n" + code + "\n", "firmware/app/a.cc:3:")
            self.assert_takes("platform/linux/a.cc", code)

    def test_words_that_only_look_ambient_pass(self):
        self.assert_takes("firmware/app/a.cc", """
            // Call time(nullptr) and rand() never, nor use a std::mutex.
            /* steady_clock::now() */
            const char* text = "std::thread usleep(5)";
            uint32_t media_time(int); int x = frame.time(&y); operand(); brand(); clock.sleep(1);
            constexpr int kMillion = 1'000'000; // 'rand()'
        """)

    # Tests.

    def test_every_source_has_a_test(self):
        for path, test in (("firmware/rtc/ice/a.cc", "tests/rtc/ice/a_test.cc"),
                           ("hal/a.cc", "tests/hal/a_test.cc"),
                           ("drivers/d/a.cc", "tests/drivers/d/a_test.cc"),
                           ("platform/linux/a.cc", "tests/platform/linux/a_test.cc")):
            self.assertEqual(self.check({path: ""}), [f"{path}:1: no test: expected {test}"])
            self.assertEqual(self.check({path: "", test: ""}), [])

    def test_a_part_of_something_is_tested_with_it(self):
        part = {"firmware/rtc/ice/agent_checks.cc": '#include "firmware/rtc/ice/agent.h"\n',
                "firmware/rtc/ice/agent.h": ""}
        self.assertIn("agent_checks_test.cc or tests/rtc/ice/agent_test.cc", self.check(part)[0])
        self.assertEqual(self.check({**part, "tests/rtc/ice/agent_test.cc": ""}), [])

    def test_a_header_with_logic_has_a_test(self):
        logic = "inline int Next(int x) {\n  if (x > 3) return 0;\n  return x + 1;\n}\n"
        self.assertEqual(self.check({"hal/a.h": logic}),
                         ["hal/a.h:1: no test: expected tests/hal/a_test.cc"])
        self.assertEqual(self.check({"hal/a.h": logic, "hal/a.cc": "", "tests/hal/a_test.cc": ""}),
                         [])

    def test_a_header_that_only_declares_needs_none(self):
        self.assertEqual(self.check({"hal/a.h": """
            class A {
             public:
              explicit A(int size) : size_(size), list_{1, 2} {}
              virtual ~A() = default;
              virtual void Run(Time now) = 0;
              int size() const { return size_; }
              void Clear() { size_ = 0; }
              friend bool operator==(const A& a, const A& b) { return a.x == b.x && a.y == b.y; }
             private:
              int size_ = 0;
            };
            enum class B { kOne, kTwo };
        """}), [])

    def test_composition_roots_need_none(self):
        self.assertEqual(self.check({"platform/linux/boards/generic.cc": "void Compose() {}\n",
                                     "platform/linux/main.cc": "int main() { return 0; }\n"}), [])


if __name__ == "__main__":
    unittest.main()
