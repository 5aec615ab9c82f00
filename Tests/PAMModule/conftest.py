"""What the tests of the PAM module share: a host program, a helper, and their scripts.

Environment: DOORPOST_MODULE names the module under test and DOORPOST_MODULE_TESTS the
directory with the test programs that fit it; `make test-module` sets both.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULE = pathlib.Path(os.environ.get("DOORPOST_MODULE", ROOT / ".build/release/pam_doorpost.so"))
PROGRAMS = pathlib.Path(os.environ.get("DOORPOST_MODULE_TESTS", MODULE.parent / "pam-tests"))
SANITIZED = "asan" in str(MODULE)
MASK = 0x5A
SESSION = "DOORPOST_SESSION_FILE"
TIMEOUT = 5
# Milliseconds that a call takes: at most, when it waits for no deadline; and over the deadline,
# for SIGTERM's second and for a busy machine.
AT_ONCE, ALLOWANCE = TIMEOUT * 1000, 4000

# <security/_pam_types.h>
SUCCESS, SERVICE_ERR, SYSTEM_ERR, BUF_ERR = 0, 3, 4, 5
AUTH_ERR, AUTHINFO_UNAVAIL, MAXTRIES, ACCT_EXPIRED = 7, 9, 11, 13
SESSION_ERR, CONV_ERR, IGNORE = 14, 19, 25
ECHO_OFF, ECHO_ON, ERROR_MSG, TEXT_INFO = 1, 2, 3, 4
OPERATIONS = {
    "authenticate": "auth",
    "acct_mgmt": "account",
    "setcred": "auth",
    "open_session": "session",
    "close_session": "session",
    "chauthtok": "password",
}
# What a denial looks like for each operation that asks the helper.
UNAVAILABLE = {
    "authenticate": AUTHINFO_UNAVAIL,
    "acct_mgmt": AUTHINFO_UNAVAIL,
    "close_session": SESSION_ERR,
}


def masked(text):
    """The driver's form of what a person types: no plain copy of it ever exists there."""
    data = text.encode() if isinstance(text, str) else text
    return bytes(byte ^ MASK for byte in data).hex()


class Call:
    """What one PAM call did."""

    def __init__(self, record):
        self.operation = record["call"]
        self.code = record["code"]
        self.milliseconds = record["ms"]
        self.found = record["found"]
        self.said = [(style, text) for style, text in record["said"][1:]]
        self.logs = [(priority, text) for priority, text in record["logs"][1:]]
        self.before, self.after = record["before"], record["after"]
        self.user, self.authtok = record["user"], record["authtok"]
        self.environment = dict(entry.split("=", 1) for entry in record["env"][1:])

    @property
    def log(self):
        return "\n".join(text for _, text in self.logs)


class Host:
    """A host program, the service file it reads, and the helper it will meet."""

    def __init__(self, directory):
        self.directory = directory
        self.config = directory / "doorpost.yaml"
        self.seen_file = directory / "doorpost.yaml.seen"
        self.helper = PROGRAMS / "fake-helper"
        self.user = "root"
        self.service = "doorpost-test"
        self.preload = None
        self.environment = {}
        self.options = None
        self.uid = os.geteuid()
        self.before = []  # a command that runs the host
        self.helper_says()

    def helper_says(self, *lines):
        self.config.write_text("\n".join(lines) + "\n", encoding="latin-1")
        self.seen_file.unlink(missing_ok=True)

    def write_service(self, options, control):
        words = [f"config={self.config}", f"helper={self.helper}", f"timeout={TIMEOUT}"]
        line = " ".join(self.options if self.options is not None else words + list(options))
        # `[default=done]` hands the module's own code to the host, whatever it is.
        kinds = ("auth", "account", "session", "password")
        text = "".join(f"{kind} {control} {MODULE} {line}\n" for kind in kinds)
        services = self.directory / "pam.d"
        services.mkdir(exist_ok=True)
        (services / self.service).write_text(text)
        return services

    def run(self, *script, options=(), control="[default=done ignore=done]"):
        services = self.write_service(options, control)
        user = [] if self.user is None else [f"user {self.user}"]
        # Lazy binding spills vector registers onto the stack, and with them what was typed.
        environment = {"LD_BIND_NOW": "1", "PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=1", **self.environment}
        if self.preload:
            environment["LD_PRELOAD"] = str(self.preload)
        done = subprocess.run(
            [*self.before, PROGRAMS / "driver", services, self.service],
            input="\n".join([*user, *script]).encode("latin-1"),
            capture_output=True,
            timeout=60,
            env=environment,
            cwd=self.directory,
            **({"user": self.uid, "group": self.uid, "extra_groups": []}
               if self.uid != os.geteuid() else {}),
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        assert done.stderr == b""
        records = [json.loads(line) for line in done.stdout.splitlines()]
        results = [Call(record) for record in records]
        for result in results:
            assert result.before == result.after, "the module changed its host"
        return results

    def call(self, operation, *before, **more):
        """Runs one call and returns it."""
        return self.run(*before, f"call {operation}", **more)[-1]

    def seen(self):
        """What the helper was given: its process state, then the module's frames."""
        if not self.seen_file.exists():
            return []
        return [json.loads(line) for line in self.seen_file.read_text().splitlines()]

    def frames(self):
        return [(f["type"], f["payload"].encode("latin-1")) for f in self.seen() if "type" in f]

    def request(self):
        """The request as the helper got it: operation, flags, seconds, fields by tag."""
        kind, payload = self.frames()[0]
        assert kind == 1
        fields, rest = {}, payload[20:]
        while rest:
            size = int.from_bytes(rest[1:3], "big")
            fields[rest[0]] = rest[3 : 3 + size].decode("latin-1")
            rest = rest[3 + size :]
        return payload[16], payload[17], int.from_bytes(payload[18:20], "big"), fields


@pytest.fixture
def host(tmp_path):
    tmp_path.chmod(0o755)
    return Host(tmp_path)


class Listener:
    """A socket with a helper of its own for each connection, as systemd has it (Accept=yes)."""

    def __init__(self, path, *command):
        self.path, self.command = path, command
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        path.chmod(0o666)
        self.helpers = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def start(self):
        self.socket.listen()
        self._thread.start()
        return self

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                # A shell that starts tests in the background ignores SIGINT for them all.
                self.helpers.append(subprocess.Popen(
                    ["env", "--default-signal", *self.command], stdin=connection, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL))

    def close(self):
        if self._thread.is_alive():
            self.socket.shutdown(socket.SHUT_RDWR)
            self._thread.join(10)
        self.socket.close()
        for helper in self.helpers:
            helper.kill()
            helper.wait(10)


@pytest.fixture
def place():
    """A directory that everybody comes through, with a path that fits into a socket's name."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="dps-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def listen(host, place):
    """`listen()` puts helpers behind a socket, and names it to the host."""
    made = []

    def start(name="pam.sock"):
        made.append(Listener(place / name, PROGRAMS / "fake-helper", "--config", host.config))
        host.helper = made[-1].path
        return made[-1].start()

    yield start
    for listener in made:
        listener.close()


@pytest.fixture
def session_file(host):
    """A session file as the helper leaves it, for root: the uid of the user under test."""
    owner = host.directory / "sessions" / "0"
    owner.mkdir(parents=True, mode=0o711)
    owner.parent.chmod(0o711)
    file = owner / "0123456789abcdef.jwt"
    file.touch(mode=0o600)
    return file


@pytest.fixture
def prepare(host, session_file):
    """The commands that must stand before an operation so that it asks the helper."""

    def commands(operation):
        return [f"env {SESSION}={session_file}"] if operation == "close_session" else []

    return commands


@pytest.fixture
def root():
    if os.geteuid() != 0:
        pytest.skip("needs to be root")
