"""A center, and the hosts that ask it: `doorpost serve` on the one, sshd and PAM on the others."""

import json
import re
import shutil
import signal
import subprocess
import time

import yaml

from authority import NAME
from harness.instance import BIN, Instance, host_service
from harness.pam import PamHost
from harness.people import SERVICE_USER
from harness.sshd import Sshd
from harness.terminal import Terminal

HTTPS = 443
DEADLINE = 20


def until(what, seconds=DEADLINE):
    """Asks again until it is true."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
    return found


class Center(Instance):
    """An instance with `doorpost serve` on a machine of its own. Its mails are files."""

    def __init__(self, directory, machine, certificate):
        super().__init__(directory, SERVICE_USER)
        self.machine, self.process = machine, None
        self.log = self.directory.with_name(self.directory.name + ".log")
        cert, key = certificate
        self.configure({
            "issuer": f"https://{NAME}", "code": {"resend_after": "0s"},
            "http": {"listen": f"{machine.address}:{HTTPS}",
                     "tls_certificate": str(cert), "tls_key": str(key)}})
        self.outbox.mkdir(exist_ok=True)
        shutil.chown(self.outbox, SERVICE_USER, SERVICE_USER)

    def start(self):
        mark = self.mark()
        with open(self.log, "ab") as log:
            self.process = self.machine.start(
                BIN / "doorpost", "serve", "--config", self.config, stdout=log, stderr=log)
        until(lambda: self.process.poll() is not None or "listening on" in self.said(mark))
        assert self.process.poll() is None, self.said(mark)
        return self

    def stop(self, number=signal.SIGTERM):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(number)
        try:
            self.process.wait(DEADLINE)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self, **changes):
        self.stop()
        self.configure(changes)
        return self.start()

    # What it says.

    def mark(self):
        return self.log.stat().st_size if self.log.exists() else 0

    def said(self, mark=0):
        with open(self.log, "rb") as log:
            log.seek(mark)
            return log.read().decode()

    def says(self, pattern, mark=0):
        """The first line of the log that fits, as it comes."""
        return until(lambda: next(
            (line for line in self.said(mark).splitlines() if re.search(pattern, line)), None))

    def json(self, *words):
        return json.loads(self.run(*words, "--json").stdout)

    def audit(self, kind=None):
        return [e for e in self.json("audit") if kind in (None, e["kind"])]

    def logins(self):
        return self.json("session", "list")

    def enroll(self, name):
        """The credential of a new host."""
        told = self.json("host", "add", name)
        key, = (text for text in told.values() if str(text).startswith("dph_"))
        return key


class Host:
    """A machine that asks the center. Stacks are written for it as for an instance."""

    options, equip, line = Instance.options, Instance.equip, Instance.line

    def __init__(self, machine, keyring):
        self.machine, self.keyring, self.name = machine, keyring, machine.name
        self.helper = BIN / "doorpost-pam"
        self.place = machine.directory / "doorpost"
        self.place.mkdir(mode=0o755)
        self.config, self.key_file = self.place / "doorpost.yaml", self.place / "host-key"
        self.sessions = machine.directory / "sessions"
        self._daemons = []

    def ask(self, key, ca_file, url=f"https://{NAME}", **server):
        """Sets up who is asked, with what credential."""
        self.sessions.mkdir(mode=0o711, exist_ok=True)
        self.sessions.chmod(0o711)
        shutil.chown(self.sessions, SERVICE_USER, SERVICE_USER)
        self.set_key(key)
        self.config.write_text(yaml.safe_dump({
            "server": {"url": url, "ca_file": str(ca_file), **server},
            "host_key": str(self.key_file), "run_as": SERVICE_USER,
            "pam": {"session_directory": str(self.sessions)}}))
        self.config.chmod(0o644)

    def set_key(self, key):
        self.key_file.write_text(key + "\n")
        shutil.chown(self.key_file, "root", SERVICE_USER)
        self.key_file.chmod(0o640)

    def doorpost(self, *words):
        return self.machine.run(BIN / "doorpost", *words, "--config", self.config, check=False)

    @property
    def syslog(self):
        return self.machine.syslog

    # Who may be let in here.

    def service(self, text=None):
        """A PAM service of our own: the module alone, or what is said."""
        return self.machine.services.write("doorpost-fleet", text or self.line())

    def pam(self, user, service=None, items=None):
        return PamHost(service or self.service(), user, items=items,
                       preexec_fn=self.machine.inside)

    def terminal(self, command, *arguments, become=None):
        inside = self.machine.inside_as(become) if become else self.machine.inside
        return Terminal(command, arguments, preexec_fn=inside)

    def with_stack(self, service, auth, **kinds):
        self.machine.services.write(service, host_service(self, service, auth, **kinds))

    def sshd(self, auth="doorpost-only", account=True, **settings):
        self.with_stack("sshd", auth, account=account)
        self._daemons.append(Sshd(
            self.keyring, self.machine.directory / f"sshd{len(self._daemons)}",
            self.machine.address, self.machine.inside, **settings))
        return self._daemons[-1]

    def session_files(self):
        return sorted(self.sessions.glob("*/*.jwt"))

    def clear(self):
        """As it was before the test."""
        for daemon in self._daemons:
            daemon.stop()
        self._daemons.clear()
        self.machine.heal()
        self.machine.resolve()
        self.machine.services.restore()
        shutil.rmtree(self.sessions, ignore_errors=True)
