"""Servers: Doorpost itself, built from this tree, and a plain web server for its page's files."""

import functools
import http.server
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import yaml

from harness.mailbox import Mailbox

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = pathlib.Path(os.environ.get("DOORPOST_BIN_DIR", REPOSITORY / ".build/release"))
ASSETS = REPOSITORY / "Sources/DoorpostHTTP/Page/Assets"
# Tests sign in more often in an hour than a person does.
ROOMY = {"mails_per_address": ["1000/h"], "failures_per_account": "1000/d",
         "starts_per_source": "1000/h", "failures_per_source": "1000/h",
         "failures_total": "10000/d", "mails_total": "10000/h"}
READY_WITHIN = 15


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Web:
    """`doorpost serve` on a port of its own, with an outbox directory for its mail."""

    email = "ada@example.org"

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.config = self.directory / "doorpost.yaml"
        self.port = free_port()
        # A name, not a number: browsers keep Secure cookies from http://localhost.
        self.url = f"http://localhost:{self.port}"
        self._server = None
        self._log = self.directory.with_name("serve.log")
        self._run("init", self.directory, "--issuer", self.url, "--from", "login@example.org")
        self.outbox = self.directory / "outbox"
        self.mailbox = Mailbox(self.outbox)
        self._lay_over({"limits": ROOMY})
        self._run("user", "add", self.email, "--config", self.config)

    def start(self):
        with open(self._log, "ab") as log:
            self._server = subprocess.Popen(
                [PROGRAM / "doorpost", "serve", "--config", self.config,
                 "--listen", f"127.0.0.1:{self.port}"], stdout=log, stderr=log)
        deadline = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            ended = self._server.poll()
            assert ended is None and time.monotonic() < deadline, \
                f"not ready (ended: {ended}):\n{self._log.read_text()}"
            time.sleep(0.02)

    def stop(self):
        if self._server and self._server.poll() is None:
            self._server.terminate()
            try:
                self._server.wait(15)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._server = None

    def configure(self, **sections):
        """Lays `sections` over the configuration and starts the server anew with it."""
        self.stop()
        self._lay_over(sections)
        self.start()

    def limits(self, **rates):
        self.configure(limits=rates)

    def mail_down(self):
        """Nobody listens where mail is to be handed over."""
        sender = self._settings()["mail"]["from"]
        self.configure(mail=None)
        self.configure(mail={"from": sender, "transport": f"smtp://127.0.0.1:{free_port()}",
                             "tls": "none"})

    def _run(self, *arguments):
        done = subprocess.run([PROGRAM / "doorpost", *arguments], capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"

    def _settings(self):
        return yaml.safe_load(self.config.read_text())

    def _lay_over(self, sections):
        settings = self._settings()
        for key, value in sections.items():
            if isinstance(value, dict) and isinstance(settings.get(key), dict):
                settings[key].update(value)
            else:
                settings[key] = value
        self.config.write_text(yaml.safe_dump(settings, sort_keys=False))

    def _is_ready(self):
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class StaticHost:
    """Serves copies of the page's files, or whatever is written below its directory."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir()
        handler = functools.partial(_Quiet, directory=str(self.directory))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.origin = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def publish_page(self, folder, server):
        """What an administrator does: copy the files, set the one line."""
        target = self.directory / folder
        (target / "assets").mkdir(parents=True)
        for name in ("index.html", "home.html"):
            text = (ASSETS / name).read_text()
            line = '<meta name="doorpost-server" content="">'
            assert text.count(line) == 1
            (target / name).write_text(text.replace(line, line.replace('""', f'"{server}"')))
        for name in ("auth.js", "styles.css", "icon.svg"):
            shutil.copy(ASSETS / name, target / "assets")
        return f"{self.origin}/{folder}/"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
