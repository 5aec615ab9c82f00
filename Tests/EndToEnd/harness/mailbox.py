"""Where mails arrive: an outbox directory, or the maildir of a real mail server."""

import ctypes
import email
import email.policy
import os
import pathlib
import re
import select
import time

IN_CLOSE_WRITE, IN_MOVED_TO, IN_CREATE = 0x08, 0x80, 0x100
_libc = ctypes.CDLL(None, use_errno=True)


class DirectoryWatch:
    """Wakes up when something appears in one of the directories."""

    def __init__(self, directories):
        self._fd = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for directory in directories:
            mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE
            if _libc.inotify_add_watch(self._fd, os.fsencode(directory), mask) < 0:
                raise OSError(ctypes.get_errno(), f"inotify on {directory}")

    def wait(self, seconds):
        if select.select([self._fd], [], [], max(0, seconds))[0]:
            os.read(self._fd, 65536)

    def close(self):
        os.close(self._fd)


def text_of(message):
    """What a program shows that has no HTML."""
    return message.get_body(("plain",)).get_content()


def code_in(message):
    """The code as it stands in the mail, spaces and all: the line after `code:`."""
    body = text_of(message)
    match = re.search(r"code:\s*\n\s*\n\s+(\S[^\n]*?)\s*\n", body)
    assert match, f"no code in this mail:\n{body}"
    return match[1]


class Mailbox:
    """Mails by recipient, in the order of their arrival. Remembers every code it saw."""

    def __init__(self, *directories, secrets=None):
        self.directories = [pathlib.Path(d) for d in directories]
        self._secrets = secrets if secrets is not None else set()
        self._order = {}

    def _scan(self):
        for directory in self.directories:
            # What is under way has another name in a moment.
            there = (p for p in directory.iterdir() if p.name[0] != "." and p.suffix != ".tmp")
            for path in sorted(there, key=lambda p: p.stat().st_mtime_ns):
                if path in self._order or not path.is_file():
                    continue
                message = email.message_from_bytes(
                    path.read_bytes(), policy=email.policy.default)
                self._order[path] = message

    def _settle(self):
        """Waits for what is under way. An outbox has it at once."""

    def _is_counted(self, path, message):
        return True

    def mails(self, address=""):
        """What has come for `address`, or for anybody. What is under way is waited for."""
        self._settle()
        self._scan()
        return self._found(address, counted=True)

    def _found(self, address, counted=False):
        found = [m for p, m in self._order.items() if address.lower() in str(m["To"]).lower()
                 and (not counted or self._is_counted(p, m))]
        for message in found:
            if "code" in str(message["Subject"]).lower():
                shown = code_in(message)
                self._secrets.update({shown, re.sub(r"[ -]", "", shown)})
        return found

    def wait(self, address, count=1, seconds=15):
        """The `count`-th mail to `address`, when it has come."""
        watch = DirectoryWatch(self.directories)
        try:
            deadline = time.monotonic() + seconds
            while True:
                self._scan()
                found = self._found(address)
                if len(found) >= count:
                    return found[count - 1]
                left = deadline - time.monotonic()
                assert left > 0, f"{len(found)} of {count} mails to {address} in {seconds} s"
                watch.wait(left)
        finally:
            watch.close()

    def shown_code(self, address, count=1):
        return code_in(self.wait(address, count))

    def code(self, address, count=1):
        """The code without what is there for the eye."""
        return re.sub(r"[ -]", "", self.shown_code(address, count))


def other_than(code):
    """A code of the same shape that is not this one."""
    last = code[-1]
    return code[:-1] + (("1" if last == "0" else "0") if last.isdigit() else
                        ("C" if last.upper() == "B" else "B"))
