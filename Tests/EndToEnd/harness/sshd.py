"""A real sshd, on a free port of the loopback or in a namespace, and the real ssh to go with it."""

import pathlib
import re
import socket
import subprocess
import threading
import time

from . import processes
from .terminal import Terminal

SETTINGS = """
PidFile none
UsePAM yes
UseDNS no
LogLevel VERBOSE
PrintMotd no
PrintLastLog no
MaxStartups 200:30:400
StrictModes no
PermitRootLogin prohibit-password
Subsystem sftp /usr/lib/openssh/sftp-server
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class KeyRing:
    """Host and user keys, made once."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(mode=0o755)
        for name in ("host", "user", "other"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name,
                            "-f", self.directory / name], check=True)


class Sshd:
    """`inside` is for preexec_fn: it moves sshd to where it shall run, at `address`."""

    def __init__(self, keyring, directory, address="127.0.0.1", inside=None, **settings):
        self.keyring, self.address = keyring, address
        self.port = free_port()
        directory = pathlib.Path(directory)
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        chosen = {"KbdInteractiveAuthentication": "yes", "PasswordAuthentication": "no",
                  "ListenAddress": address, "Port": self.port, "HostKey": keyring.directory / "host",
                  "AuthorizedKeysFile": keyring.directory / "user.pub", **settings}
        config = directory / "sshd_config"
        # What stands first counts in sshd_config.
        config.write_text("".join(f"{k} {v}\n" for k, v in chosen.items()) + SETTINGS)
        known = (keyring.directory / "host.pub").read_text()
        self.known_hosts = directory / "known_hosts"
        self.known_hosts.write_text(f"[{address}]:{self.port} {known}")
        self._log = []
        self._process = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-e", "-f", config], stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, text=True, errors="replace",
            preexec_fn=inside)
        self.pid = self._process.pid
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for("Server listening")

    def _read(self):
        for line in self._process.stderr:
            with self._changed:
                self._log.append(line.rstrip("\r\n"))
                self._changed.notify_all()

    @property
    def log(self):
        with self._changed:
            return "\n".join(self._log)

    def wait_for(self, pattern, seconds=10):
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self._log:
                    if re.search(pattern, line):
                        return line
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    seen = "\n  ".join(self._log)
                    raise AssertionError(f"sshd did not log {pattern!r}:\n  {seen}")

    def arguments(self, user, *command, methods="keyboard-interactive", key=None, options=()):
        chosen = ["-F", "none", "-o", f"UserKnownHostsFile={self.known_hosts}",
                  "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes",
                  "-o", "IdentityAgent=none", "-o", f"PreferredAuthentications={methods}"]
        if key:
            chosen += ["-i", str(self.keyring.directory / key)]
        else:
            chosen += ["-o", "PubkeyAuthentication=no"]
        for option in options:
            chosen += ["-o", option]
        return chosen + [*command]

    def ssh(self, user, *command, **options):
        """An ssh session on a terminal; with no command, the login shell."""
        arguments = self.arguments(user, **options)
        return Terminal("ssh", [*arguments, "-p", self.port, "-l", user, self.address, *command])

    def sftp(self, user, **options):
        return Terminal("sftp", [*self.arguments(user, **options), "-q", "-P", self.port,
                                 f"{user}@{self.address}"])

    def stop(self):
        processes.kill_tree(self.pid)
        self._process.wait()
        self._reader.join(5)
        self._process.stderr.close()
