#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program as its user meets it: flags, messages, exit codes, signals. program_test.py OCELLUS"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

PROGRAM = sys.argv.pop(1)

# Seconds: how long a start may take on a slow machine under a sanitizer.
PATIENCE = 60


class Running:
    """A started program, on ports of its own, that has said where it is live."""

    def __init__(self, *arguments, **environment):
        self.state = tempfile.mkdtemp(prefix="ocellus-")
        defaults = ["--source=test-pattern", "--open", "--http-port=0", "--udp-port=0",
                    "--listen=127.0.0.1", "--state-dir=" + self.state]
        self.process = subprocess.Popen(
            [PROGRAM, *defaults, *arguments], env={**os.environ, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.read_url()

    def read_url(self):
        line = self.process.stdout.readline()
        match = re.search(r" is live: (http://\S+/)(?:#token=(\S+))?$", line.rstrip())
        self.url, self.token = match.groups() if match else (None, None)

    def __enter__(self):
        assert self.url, self.process.communicate(timeout=PATIENCE)
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        shutil.rmtree(self.state)

    def get(self, path, token=None):
        request = urllib.request.Request(self.url + path)
        if token:
            request.add_header("Authorization", "Bearer " + token)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return response.read()

    def call(self, token, method, **params):
        """The result of a call of the control protocol."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        request = urllib.request.Request(self.url + "api/v1/rpc", json.dumps(body).encode(),
                                         {"Authorization": "Bearer " + token})
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.loads(response.read())["result"]


def run(*arguments, **environment):
    """Runs the program to its end: exit code, stdout, stderr."""
    done = subprocess.run([PROGRAM, *arguments], env={**os.environ, **environment},
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr


class Usage(unittest.TestCase):
    def test_version(self):
        code, out, _ = run("--version")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^Ocellus \d+\.\d+\.\d+\n$")

    def test_help_names_every_setting_of_the_document(self):
        code, out, _ = run("--help")
        self.assertEqual(code, 0)
        with open("docs/configuration.md", encoding="utf-8") as document:
            # Secrets have no flag.
            rows = re.findall(r"^\| `[a-z-]+`, (?:`(--[a-z-]+) [^`]+`|no flag) \| `(OCELLUS_[A-Z_]+)`",
                              document.read(), re.MULTILINE)
        self.assertGreater(len(rows), 20)
        for flag, variable in rows:
            self.assertIn(flag or variable + "=", out)

    def test_secrets_are_refused_on_the_command_line(self):
        code, _, err = run("--turn-secret=hunter2")
        self.assertEqual(code, 2)
        self.assertIn("OCELLUS_TURN_SECRET", err)
        self.assertNotIn("hunter2", err)

    def test_check_network_prints_a_verdict(self):
        code, out, _ = run("--check-network", "--listen", "127.0.0.1")
        self.assertEqual(code, 0)
        self.assertIn("127.0.0.1", out)
        self.assertIn("Verdict", out)

    def test_unknown_flag(self):
        code, _, err = run("--htpp-port=80")
        self.assertEqual(code, 2)
        self.assertIn("did you mean --http-port?", err)

    def test_unknown_variable(self):
        code, _, err = run(OCELLUS_PORT="80")
        self.assertEqual(code, 2)
        self.assertIn("OCELLUS_PORT", err)

    def test_unknown_source(self):
        code, _, err = run("--source=testpattern")
        self.assertEqual(code, 2)
        self.assertIn("test-pattern", err)

    def test_mistake_in_the_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("fps: 30\nwidth: 641\n")
            file.flush()
            code, _, err = run("--config", file.name)
        self.assertEqual(code, 2)
        self.assertIn(file.name + ":2", err)

    def test_file_that_is_no_video(self):
        for content in (b"", b"not H.264 " * 1000):
            with tempfile.NamedTemporaryFile(suffix=".h264") as file:
                file.write(content)
                file.flush()
                code, _, err = run("--source", file.name)
            self.assertEqual(code, 1)
            self.assertIn(file.name, err)


class Service(unittest.TestCase):
    def test_serves_page_and_status(self):
        with Running() as ocellus:
            self.assertIn(b"<video", ocellus.get(""))
            self.assertEqual(json.loads(ocellus.get("status"))["max_viewers"], 50)

    def test_sigterm_and_sigint_end_it_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Running() as ocellus:
                ocellus.process.send_signal(number)
                _, err = ocellus.process.communicate(timeout=PATIENCE)
                self.assertEqual(ocellus.process.returncode, 0, err)

    def test_taken_udp_port_is_named(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            port = other.getsockname()[1]
            with tempfile.TemporaryDirectory() as state:
                code, out, err = run("--source=test-pattern", "--http-port=0",
                                     f"--udp-port={port}", "--state-dir", state)
        self.assertEqual((code, out), (1, ""))
        self.assertIn(f"UDP port {port} is taken", err)
        self.assertIn("--udp-port", err)

    def test_taken_http_port_is_named(self):
        with Running() as first:
            port = first.url.rsplit(":", 1)[1].rstrip("/")
            code, out, err = run("--source=test-pattern", "--listen=127.0.0.1", "--udp-port=0",
                                 f"--http-port={port}", "--state-dir", first.state)
        self.assertEqual((code, out), (1, ""))
        self.assertIn(port, err)

    def test_a_camera_that_is_missing_is_no_reason_to_stop(self):
        with Running("--source=/dev/video-that-is-not-there") as ocellus:
            self.assertEqual(urllib.request.urlopen(ocellus.url + "healthz").status, 200)

    # Checklist 30: one certificate per device, made at first boot, key file 0600, never in a log.
    def test_certificate_is_made_once_and_kept_secret(self):
        with tempfile.TemporaryDirectory() as state:
            path = os.path.join(state, "certificate.pem")
            seen = set()
            for _ in range(2):
                with Running("--state-dir=" + state, "--log-level=debug") as ocellus:
                    ocellus.process.send_signal(signal.SIGTERM)
                    _, err = ocellus.process.communicate(timeout=PATIENCE)
                    self.assertNotIn("PRIVATE", err)
                with open(path, encoding="ascii") as file:
                    seen.add(file.read())
            self.assertEqual(len(seen), 1)
            self.assertEqual(os.stat(path).st_mode & 0o7777, 0o600)
            os.chmod(path, 0o644)
            code, _, err = run("--source=test-pattern", "--http-port=0", "--udp-port=0",
                               "--state-dir", state)
            self.assertEqual(code, 1)
            self.assertIn(path, err)

    # Checklist 55: the token is made at the first start, shown to whoever asks, and kept secret.
    def test_admin_token_is_made_once_and_kept_secret(self):
        with tempfile.TemporaryDirectory() as state:
            path = os.path.join(state, "admin-token")
            tokens = set()
            for _ in range(2):
                with Running("--state-dir=" + state, "--show-token", "--log-level=debug") as ocellus:
                    tokens.add(ocellus.token)
                    ocellus.call(ocellus.token, "settings.list")
                    ocellus.process.send_signal(signal.SIGTERM)
                    out, err = ocellus.process.communicate(timeout=PATIENCE)
                    self.assertNotIn(ocellus.token, out + err)
            self.assertEqual(len(tokens), 1)
            self.assertEqual(len(tokens.pop()), 22)
            self.assertEqual(os.stat(path).st_mode & 0o7777, 0o600)
            with Running("--state-dir=" + state) as ocellus:
                self.assertIsNone(ocellus.token)

    def test_without_a_token_nothing_is_shown(self):
        with Running("--open=false", OCELLUS_VIEWER_TOKEN="viewer-token") as ocellus:
            for path in ("status", "snapshot.jpg", "whep"):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    ocellus.get(path)
                self.assertEqual(refused.exception.code, 401, path)
            self.assertIn(b"viewer_count", ocellus.get("status", "viewer-token"))

    def test_settings_outlive_a_restart_that_an_admin_asks_for(self):
        admin = "an-admin-token"
        with Running(OCELLUS_ADMIN_TOKEN=admin) as ocellus:
            self.assertEqual(ocellus.call(admin, "settings.get", name="max-viewers")
                             ["setting"]["value"], 50)
            ocellus.call(admin, "settings.set", name="max-viewers", value=7)
            ocellus.call(admin, "device.restart")
            ocellus.read_url()
            self.assertIsNone(ocellus.process.poll())
            self.assertEqual(json.loads(ocellus.get("status"))["max_viewers"], 7)


if __name__ == "__main__":
    unittest.main()
