#!/usr/bin/python3
"""outside.py [PYTEST ARGUMENT...]: runs the suites that drive the built programs, side by side.

Mostly they wait: for deadlines, for mail, for a browser. What measures time is marked `alone`, and
runs at the end, one suite after the other, with nothing beside it. Each suite has a network of its own,
so that none can take another's port. What a suite said is shown whole when it has ended.
Ctrl-C, SIGTERM and SIGHUP end them in the orderly way. Nothing is left in /tmp. scripts/test-outside starts this, as root,
and says by DOORPOST_BIN_DIR and DOORPOST_ASAN_DIR what is tested.

Exit: 0 when every test of every suite passed.
"""

import ctypes
import fcntl
import importlib.util
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

TESTS = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(os.environ["DOORPOST_BIN_DIR"])
SANITIZED = pathlib.Path(os.environ["DOORPOST_ASAN_DIR"])
SIDE_BY_SIDE = 3
PATIENCE = 60  # for fixtures that tidy up
NO_TESTS = 5  # pytest's exit status
# Debian's, with Debian's packages; the SDKs as people install them are in a place of their own.
PYTHON = "/usr/bin/python3"
SDKS = TESTS.parent / ".build/venv-cognito/bin/python"
HAS_XDIST = importlib.util.find_spec("xdist") is not None


class Suite(NamedTuple):
    path: str
    workers: int = 1
    title: str = ""
    programs: pathlib.Path = PROGRAMS  # where its PAM module is
    only: str = "not alone"
    has_own_network: bool = True
    python: str | pathlib.Path = PYTHON

    @property
    def name(self):
        return f"{self.path}{self.title}"


# The longest first, so that none is left over at the end.
SUITES = [
    Suite("EndToEnd", 2),
    Suite("Web", 2),
    Suite("Central", 2),
    Suite("Packaging", 2),
    Suite("PAMModule", 6, " under AddressSanitizer", SANITIZED),
    Suite("PAMModule", 6),
    # Where there is loopback alone, a browser tells its pages that they are offline.
    Suite("Browser", 2, has_own_network=False),
    Suite("Cognito", python=SDKS),
    Suite("Lambda", 2),
    Suite("Server"),
    Suite("Postgres"),
    Suite("Commands"),
]
ALONE = [
    *(Suite(path, 1, ", alone", only="alone") for path in ("EndToEnd", "Web", "Server", "Central")),
    Suite("Cognito", 1, ", alone", only="alone", python=SDKS),
]


def own_network():
    """Before exec: a network namespace with nothing but loopback, which is up."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNET)")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh22x", b"lo", 0x1))  # SIOCSIFFLAGS, IFF_UP


class Run:
    """A suite that runs, with its output in a file."""

    def __init__(self, suite, arguments):
        self.suite, self.began = suite, time.monotonic()
        self.output = tempfile.TemporaryFile()
        # A file's tests share its server: they stay together.
        workers = ["-n", str(suite.workers), "--dist", "loadfile" if suite.workers < 6 else "load"] \
            if suite.workers > 1 and HAS_XDIST else []
        self.process = subprocess.Popen(
            [suite.python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers,
             "-m", suite.only, TESTS / suite.path, *arguments],
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output, cwd=TESTS.parent,
            env={**os.environ, "DOORPOST_BIN": str(PROGRAMS / "doorpost"),
                 "DOORPOST_PAM_MODULE": str(PROGRAMS / "pam_doorpost.so"),
                 "DOORPOST_MODULE": str(suite.programs / "pam_doorpost.so"),
                 # What is in a package is looked at, not how small it is: xz would take minutes.
                 "DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1"},
            # Of its own, so that Ctrl-C comes once, from us.
            start_new_session=True, preexec_fn=own_network if suite.has_own_network else None)

    def show(self):
        """Prints what it said. Returns whether it is good."""
        self.output.seek(0)
        print(f"\n=== {self.suite.name} ({time.monotonic() - self.began:.0f} s)", flush=True)
        sys.stdout.buffer.write(self.output.read())
        sys.stdout.flush()
        good = self.process.returncode == 0
        # Arguments may choose tests of another suite.
        return good or (self.process.returncode == NO_TESTS and len(sys.argv) > 1)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)  # fixtures tidy up

    def end(self):
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def run(suites, at_once, arguments):
    """Runs them, `at_once` at a time. Returns the names of those that failed."""
    waiting, running, failed = list(suites), [], []
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(Run(waiting.pop(0), arguments))
            for one in [one for one in running if one.process.poll() is not None]:
                running.remove(one)
                if not one.show():
                    failed.append(one.suite.name)
            time.sleep(0.1)
    finally:
        for one in running:
            one.interrupt()
        for one in running:
            one.end()
            one.show()
    return failed


def main():
    def interrupted(number, _):
        for other in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(other, signal.SIG_IGN)  # the first one is enough
        sys.exit(128 + number)

    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    began, arguments = time.monotonic(), sys.argv[1:]
    # What an interrupted suite leaves is in here, too. Other accounts must come through.
    place = tempfile.mkdtemp(prefix="doorpost-")
    os.chmod(place, 0o711)
    os.environ["TMPDIR"] = place
    try:
        failed = run(SUITES, SIDE_BY_SIDE, arguments) + run(ALONE, 1, arguments)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"\ntest: {', '.join(failed) + ' FAILED' if failed else 'good'}"
          f" ({time.monotonic() - began:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
