"""A `doorpost serve` of our own, as a process."""

import os
import pathlib
import re
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("DOORPOST_BIN_DIR", ROOT / ".build/release")) / "doorpost"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def doorpost(*arguments, timeout=30):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout,
                          env=ENVIRONMENT)


class Log:
    """What the server writes to standard error, line by line; waits for lines to come."""

    def __init__(self, stream):
        self.lines = []
        self._ended = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream):
        for line in stream:
            with self._changed:
                self.lines.append(line.decode(errors="backslashreplace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def find(self, pattern, after=0):
        for line in self.lines[after:]:
            if match := re.search(pattern, line):
                return match
        return None

    def wait_for(self, pattern, after=0, timeout=15):
        """The match of the first line that fits; fails when the server has ended without it."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self.find(pattern, after), timeout)
            match = self.find(pattern, after)
        assert match, f"no line with {pattern!r} in the log:\n" + "\n".join(self.lines)
        return match

    def text(self):
        self._reader.join(10)
        return "\n".join(self.lines)


class Server:
    """Started with the instance's configuration, on a free port, ready when this returns."""

    def __init__(self, config, *arguments, listen="127.0.0.1:0", wrapper=(), wait=True, **more):
        self.config = config
        where = ["--listen", listen] if listen else []
        self.process = subprocess.Popen(
            [*wrapper, BINARY, "serve", "--config", config, *where, *arguments],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
            **{"env": ENVIRONMENT, **more})
        self.log = Log(self.process.stderr)
        if wait:
            found = self.log.wait_for(r"listening on ((https?)://(\[?[^\]]+\]?):(\d+))")
            self.url, self.scheme, self.host = found[1], found[2], found[3].strip("[]")
            self.port = int(found[4])

    @property
    def pid(self):
        return self.process.pid

    @property
    def resident(self):
        """Memory in bytes."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self):
        """Sends SIGHUP; returns what the log says about it."""
        before = len(self.log.lines)
        self.signal(signal.SIGHUP)
        self.log.wait_for("read again|not reloaded", before)
        return "\n".join(self.log.lines[before:])

    def wait(self, timeout=15):
        return self.process.wait(timeout)

    def stop(self):
        """Asks it to end and returns how it did."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        finally:
            self.process.kill()
            self.process.wait()
