"""A throw-away instance with `doorpost serve` running on it."""

import email
import email.policy
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

import yaml

from .client import Client

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("DOORPOST_BIN_DIR", ROOT / ".build/release"))
DEADLINE = 20
# Room for tests that are not about limits; those set their own.
WIDE = {"mails_per_address": ["1000/h"], "failures_per_account": "1000/d",
        "starts_per_source": "100000/h", "failures_per_source": "100000/h",
        "failures_total": "100000/d", "mails_total": "100000/h"}


def until(what, seconds=DEADLINE):
    """Asks again until it is true; the deadline is for a test that is about to fail."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


class Mail:
    def __init__(self, path):
        self.raw = path.read_bytes()
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)
        self.to = self.message["To"].addresses[0].addr_spec
        self.text = self.message.get_body(("plain",)).get_content()
        [self.code] = re.findall(r"^ {4}(\S+)\s*?$", self.text, re.MULTILINE)


class Server:
    """`change` gets the configuration as a dictionary before the first start."""

    def __init__(self, directory, change=None, users=("alice@example.org",)):
        self.directory = pathlib.Path(directory) / "instance"
        self.config = self.directory / "doorpost.yaml"
        self.process = None
        self.environment = {}  # on top of ours
        self.before = []  # a program that runs the server
        self.log = pathlib.Path(directory) / "server.log"
        self.run("init", str(self.directory), config=False)
        self.configure(lambda c: c.update(
            code={"resend_after": "0s"}, limits=dict(WIDE),
            http={"trusted_proxies": ["127.0.0.1"]}))
        if change:
            self.configure(change)
        for user in users:
            self.run("user", "add", user)

    def configure(self, change):
        settings = yaml.safe_load(self.config.read_text())
        change(settings)
        self.config.write_text(yaml.safe_dump(settings))

    def run(self, *words, config=True, code=0, stdin=""):
        """Runs a command of the same program."""
        more = ["--config", str(self.config)] if config else []
        done = subprocess.run([BIN / "doorpost", *words, *more], capture_output=True, text=True,
                              input=stdin, timeout=60)
        assert code is None or done.returncode == code, done
        return done.stdout

    def json(self, *words):
        return json.loads(self.run(*words, "--json"))

    def start(self, *words, ready=True):
        mark = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.before, BIN / "doorpost", "serve", "--config", self.config,
                 *([] if "--listen" in words else ["--listen", "127.0.0.1:0"]), *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **self.environment})

        def address():
            assert self.process.poll() is None, self.said()
            return re.search(r"listening on (https?://\S+?:(\d+))", self.said(mark))

        self.url, _ = until(address).groups()
        if ready:
            until(lambda: self.client().get("/readyz").status == 200)
        return self

    def said(self, mark=0):
        """The log, from a place in it on."""
        with open(self.log, "rb") as log:
            log.seek(mark)
            return log.read().decode()

    def stop(self, number=signal.SIGTERM):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(DEADLINE)
        self.process = None
        return code

    def kill(self):
        return self.stop(signal.SIGKILL)

    def client(self, source=None):
        return Client(self.url, source)

    # The outbox directory as mailbox.

    def mails(self, to=None):
        box = self.directory / "outbox"
        paths = sorted(box.glob("*.eml"), key=lambda p: p.stat().st_mtime_ns)
        return [m for m in map(Mail, paths) if to in (None, m.to)]

    def mail(self, to="alice@example.org", after=0):
        """The newest mail to somebody, once there are more than `after`."""
        return until(lambda: self.mails(to)[after:])[-1]

    def code(self, to="alice@example.org", after=0):
        return self.mail(to, after).code

    def sign_in(self, to="alice@example.org", client=None, **members):
        client = client or self.client()
        before = len(self.mails(to))
        started = client.initiate(to)
        assert started.status == 200, started
        reply = client.verify(started.json["session"], self.code(to, before), **members)
        assert reply.status == 200, reply
        return reply

    def audit(self):
        return self.json("audit")


def wrong(code):
    return "".join("1" if c == "0" else "0" if c.isdigit() else c for c in code)


def temporary():
    return tempfile.TemporaryDirectory(prefix="doorpost-web-")
