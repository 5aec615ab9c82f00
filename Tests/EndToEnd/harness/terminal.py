"""Host programs on a pseudo terminal, as a person sees them."""

import os
import pwd
import re
import time

import pexpect

from . import processes

# What asks for a code, first or again. pam_unix says `Password:`.
CODE = r"(?i)[^\r\n]*\bcode\b(?:[^\r\n]*[^\d\r\n])?: ?$"
PASSWORD = r"(?i)password:? ?$"
SHELL = r"[$#] $"


class Terminal(pexpect.spawn):
    """pexpect without its naps, and patient with programs that hang up their own terminal."""

    opened = []

    def __init__(self, command, arguments=(), **options):
        options.setdefault("env", {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb"})
        options.setdefault("timeout", 20)
        before_exec = options.pop("preexec_fn", None)

        def prepare():
            processes.default_signals()
            if before_exec:
                before_exec()

        super().__init__(str(command), [str(a) for a in arguments], preexec_fn=prepare, **options)
        Terminal.opened.append(self)
        self.delaybeforesend = None
        self.delayafterread = None
        self.delayafterclose = 0
        self.delayafterterminate = 0
        self.ptyproc.delayafterclose = 0
        self.ptyproc.delayafterterminate = 0
        self.transcript = ""

    def read_nonblocking(self, size=1, timeout=-1):
        # login(1) calls vhangup(2): for an instant nobody holds our terminal's other end.
        give_up = time.monotonic() + 2
        while True:
            try:
                text = super().read_nonblocking(size, timeout)
                self.transcript += text.decode("utf-8", "backslashreplace")
                return text
            except pexpect.EOF:
                if not self.isalive() or time.monotonic() > give_up:
                    raise
                self.flag_eof = False
                time.sleep(0.005)

    def sees(self, pattern, seconds=-1):
        """Waits for the pattern; returns the text up to and with it."""
        self.expect(pattern if isinstance(pattern, list) else [pattern], timeout=seconds)
        after = self.after.decode("utf-8", "backslashreplace")
        return self.before.decode("utf-8", "backslashreplace") + after

    def asks_for_code(self, seconds=-1):
        return self.sees(CODE, seconds)

    def types(self, text):
        self.sendline(text)

    def ends(self, seconds=20):
        """Waits for the end; returns the exit status (128 + n for a signal n)."""
        self.expect(pexpect.EOF, timeout=seconds)
        self.wait()
        return self.exitstatus if self.signalstatus is None else 128 + self.signalstatus

    def interrupts(self, seconds=20):
        """Presses Ctrl-C until the program has ended; returns as ends().

        Once is not always enough: ssh loses one that comes between its prompt and its read.
        """
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            self.sendintr()
            if self.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=1) == 0:
                break
        return self.ends(1)

    def abandon(self):
        """Gone without a word: the connection is cut, the terminal closed."""
        processes.kill_tree(self.pid)
        self.wait()
        self.close()

    @classmethod
    def abandon_all(cls):
        while cls.opened:
            terminal = cls.opened.pop()
            if not terminal.closed and terminal.isalive():
                terminal.abandon()

    def shell(self, command):
        """Runs a command in the shell that we got, returns what it printed."""
        self.sees(SHELL)
        self.sendline(f"{command}; echo end-of-'output'")
        lines = self.sees(r"end-of-output\r?\n").replace("\r", "").split("\n")
        start = max((i for i, line in enumerate(lines) if "end-of-'output'" in line), default=-1)
        return "\n".join(lines[start + 1:]).replace("end-of-output", "").strip()


def as_user(name):
    """For preexec_fn: become `name` with that user's groups, as a login shell would be."""
    entry = pwd.getpwnam(name)

    def become():
        os.initgroups(name, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os.chdir("/")

    return become


def without_times(text):
    """A transcript with what differs from minute to minute taken out."""
    return re.sub(r"\d\d:\d\d", "HH:MM", text.replace("\r", ""))
