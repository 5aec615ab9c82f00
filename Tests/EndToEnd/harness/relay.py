"""Mail servers for an instance: a real Postfix, or a peer that misbehaves as told.

Both live in Tests/Support/smtp and end when we close their standard input.
"""

import itertools
import json
import os
import pathlib
import pwd
import re
import shutil
import smtplib
import ssl
import subprocess

from .instance import REPOSITORY
from .mailbox import Mailbox

SUPPORT = REPOSITORY / "Tests/Support/smtp"


class Server:
    """One of the programs of Tests/Support/smtp, with the JSON line that it began with."""

    def __init__(self, program, *arguments):
        self._process = subprocess.Popen(
            ["/usr/bin/python3", "-B", SUPPORT / program, *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        assert line, f"{program} did not start"
        self.told = json.loads(line)

    def stop(self):
        self._process.stdin.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class Postfix(Server):
    """A relay that refuses mail before STARTTLS and AUTH, and keeps all it takes in a maildir."""

    def __init__(self, directory, service_user):
        super().__init__("relay.py")
        directory.mkdir(mode=0o755)
        self.ca_file = directory / "ca.pem"
        shutil.copy(self.told["ca_file"], self.ca_file)
        self.password_file = directory / "password"
        self.password_file.write_text(self.told["password"] + "\n")
        self.password_file.chmod(0o600)
        shutil.chown(self.password_file, service_user, service_user)
        self.maildir = pathlib.Path(self.told["maildir"])
        keeper = pwd.getpwuid(self.maildir.stat().st_uid)
        for name in ("new", "cur", "tmp"):
            (self.maildir / name).mkdir(mode=0o700, exist_ok=True)
            os.chown(self.maildir / name, keeper.pw_uid, keeper.pw_gid)
        self._numbers = itertools.count(1)

    @property
    def settings(self):
        """The section `mail` of a configuration that uses this relay."""
        return {"transport": f"smtp://localhost:{self.told['port']}", "tls": "required",
                "ca_file": str(self.ca_file), "username": self.told["user"],
                "password_file": str(self.password_file)}

    def mailbox(self, secrets, instance):
        return PostfixMailbox(self, secrets, instance)

    def send(self, recipient):
        context = ssl.create_default_context(cafile=str(self.ca_file))
        with smtplib.SMTP("localhost", self.told["port"], timeout=20) as client:
            client.starttls(context=context)
            client.login(self.told["user"], self.told["password"])
            client.sendmail("sentinel@e2e.example", [recipient],
                            f"To: {recipient}\nSubject: sentinel\n\n.\n")

    def sentinel(self):
        return f"sentinel{next(self._numbers)}@e2e.example"


class PostfixMailbox(Mailbox):
    """The maildir, from now on. Before it says what is there, a mail of its own must come through.

    What an earlier test's instance sent may still be on its way, and does not count.
    """

    def __init__(self, relay, secrets, instance):
        super().__init__(relay.maildir / "new", secrets=secrets)
        self._relay = relay
        self._old = set(self.directories[0].iterdir())
        self._instance = instance

    def _settle(self):
        address = self._relay.sentinel()
        self._relay.send(address)
        self.wait(address)

    def _is_counted(self, path, message):
        whose = re.search(r"-(instance\d+)@", str(message["To"]))
        is_stray = whose is not None and whose[1] != self._instance
        return path not in self._old and not is_stray and message["Subject"] != "sentinel"


class Peer(Server):
    """An SMTP server that misbehaves; the arguments are those of peer.py."""

    def __init__(self, directory, *arguments):
        super().__init__("peer.py", *arguments)
        self.port = self.told["port"]
        self.ca_file = None
        if self.told["ca_file"]:
            directory.mkdir(mode=0o755)
            self.ca_file = directory / "ca.pem"
            shutil.copy(self.told["ca_file"], self.ca_file)

    def settings(self, tls="none"):
        chosen = {"transport": f"smtp://localhost:{self.port}", "tls": tls}
        if self.ca_file:
            chosen["ca_file"] = str(self.ca_file)
        return chosen

    def heard(self):
        """All that it was sent, as one piece."""
        record = pathlib.Path(self.told["record"])
        return b"\n".join(p.read_bytes() for p in sorted(record.iterdir()))
