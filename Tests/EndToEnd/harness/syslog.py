"""The system's log, as far as our private /dev/log hears it."""

import os
import re
import socket
import threading
import time

AUTHPRIV = 10
LINE = re.compile(rb"<(\d+)>(.*)", re.DOTALL)


class Syslog:
    """Keeps every datagram that a program of ours sends to /dev/log."""

    def __init__(self, path="/dev/log"):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(path)
        os.chmod(path, 0o666)
        self._lines = []
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            datagram = self._socket.recv(65536)
            match = LINE.match(datagram)
            with self._changed:
                self._lines.append(
                    (int(match[1]) if match else -1, match[2] if match else datagram))
                self._changed.notify_all()

    def mark(self):
        """A place in the log to look from."""
        with self._changed:
            return len(self._lines)

    def lines(self, since=0):
        with self._changed:
            return [text.rstrip(b"\0").decode("utf-8", "backslashreplace")
                    for _, text in self._lines[since:]]

    def raw(self, since=0):
        with self._changed:
            return b"\n".join(text for _, text in self._lines[since:])

    def wait_for(self, pattern, since=0, seconds=10):
        """The first line that matches, as it comes."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for priority, text in self._lines[since:]:
                    line = text.rstrip(b"\0").decode("utf-8", "backslashreplace")
                    if re.search(pattern, line):
                        return priority, line
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    seen = "\n  ".join(self.lines_unlocked(since))
                    raise AssertionError(f"no log line like {pattern!r} in:\n  {seen}")

    def lines_unlocked(self, since):
        return [text.decode("utf-8", "backslashreplace") for _, text in self._lines[since:]]
