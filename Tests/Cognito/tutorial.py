"""Follows a section of docs/coming-from-cognito.md as its reader would: settings go into the
configuration, shell lines are typed. What the reader has and a test has not (sudo, systemd, the
installed layout) is put in its place."""

import os
import pathlib
import re
import socket
import subprocess
import sys
import threading

import yaml

from harness.layout import libexec
from harness.server import BIN, ROOT

PAGE = (ROOT / "docs/coming-from-cognito.md").read_text()
DEADLINE = 60


def blocks(heading):
    """(language, text) of the section's blocks, in their order."""
    section, = re.findall(rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Reader:
    """`code` waits for the mail that the reader waits for. `replaced`: what stands on the page, and what
    it is here."""

    def __init__(self, server, directory, code, replaced=()):
        self.server, self.code = server, code
        self.listen = f"127.0.0.1:{free_port()}"
        self.home, self.programs = directory / "home", directory / "bin"
        layout = directory / "libexec"
        self.replaced = [
            ("https://login.example.org", f"http://{self.listen}"),
            ("/usr/libexec/doorpost", str(layout)),
            ("/etc/doorpost/triggers", str(directory / "triggers")), *replaced]
        libexec(layout)
        for place in (self.home, self.programs):
            place.mkdir()
        self.put("doorpost", f'exec "{BIN}/doorpost" "$@" --config "{server.config}"')
        self.put("aws", f'exec "{sys.executable}" "{pathlib.Path(sys.executable).with_name("aws")}" "$@"')
        self.put("sudo", 'exec "$@"')
        self.put("systemctl", f'[ "$*" = "restart doorpost" ] && touch "{self.home}/restart"')

    def put(self, name, script):
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def restart(self):
        self.server.stop()
        self.server.start("--listen", self.listen)

    def follow(self, heading):
        """What the section's shell blocks printed."""
        printed = []
        for language, text in blocks(heading):
            for theirs, ours in self.replaced:
                text = text.replace(theirs, ours)
            if language == "yaml":
                self.server.configure(lambda c, text=text: c.update(yaml.safe_load(text)))
                continue
            assert language == "sh", language
            printed.append(self.type(text))
            if (self.home / "restart").exists():
                (self.home / "restart").unlink()
                self.restart()
        return printed

    def type(self, lines):
        """Runs a block after those before it, in one shell as it were."""
        keyboard, hand = os.pipe()
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c",
             f"[ ! -e before ] || . ./before\n{lines}\nexport -p > before\n"],
            stdin=keyboard, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.home,
            env={"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(self.home), "LC_ALL": "C.UTF-8"})
        os.close(keyboard)
        typist = threading.Thread(target=self.answer, args=(hand, "\nread " in lines))
        typist.start()
        try:
            out, err = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()
            typist.join()
        assert process.returncode == 0, (lines, out, err)
        return out

    def answer(self, hand, is_asked):
        with open(hand, "w", encoding="ascii") as keys:
            if is_asked:
                keys.write(f"{self.code()}\n")
