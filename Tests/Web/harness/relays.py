"""Mail servers of Tests/Support/smtp for a server that is tested."""

import email
import email.policy
import json
import pathlib
import re
import subprocess

from .server import ROOT

SUPPORT = ROOT / "Tests/Support/smtp"


class Program:
    def __init__(self, name, *arguments):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-B", SUPPORT / name, *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, f"{name} did not start"
        self.told = json.loads(line)

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Peer(Program):
    """An SMTP server that does as it is told by peer.py's arguments."""

    def __init__(self, *arguments):
        super().__init__("peer.py", *arguments)
        self.settings = {"transport": f"smtp://127.0.0.1:{self.told['port']}", "tls": "none"}
        self.record = pathlib.Path(self.told["record"])

    def heard(self):
        return b"".join(p.read_bytes() for p in sorted(self.record.glob("[0-9]*")))

    def taken(self):
        """The Message-IDs of the mails that it answered 250 for."""
        file = self.record / "taken"
        return file.read_text().split() if file.exists() else []

    def offered(self):
        """(Message-ID, code) of every mail that came to its end, taken or not."""
        return [parsed(text) for path in sorted(self.record.glob("[0-9]*")) for text in
                re.findall(rb"^DATA\r\n(.*?)^\.\r\n", path.read_bytes(),
                           re.MULTILINE | re.DOTALL)]


class Postfix(Program):
    """A real relay that wants STARTTLS and AUTH."""

    def __init__(self, directory):
        super().__init__("relay.py")
        password = pathlib.Path(directory) / "relay-password"
        password.write_text(self.told["password"] + "\n")
        password.chmod(0o600)
        self.settings = {"transport": f"smtp://localhost:{self.told['port']}", "tls": "required",
                         "ca_file": self.told["ca_file"], "username": self.told["user"],
                         "password_file": str(password)}

    def mails(self):
        new = pathlib.Path(self.told["maildir"]) / "new"
        return [p.read_bytes() for p in new.glob("*")] if new.exists() else []


def parsed(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text = message.get_body(("plain",)).get_content()
    [code] = re.findall(r"^ {4}(\S+)\s*?$", text, re.MULTILINE)
    return message["Message-ID"], code
