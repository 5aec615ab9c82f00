"""i3lock, a PAM program without rights, on an X server that nobody sees."""

import os
import pwd
import re
import subprocess
import time

import pytest

from harness import processes
from harness.instance import MODULE, REPOSITORY, SERVICES, stack
from harness.listening import Listening
from harness.mailbox import other_than
from harness.people import ALICE, PASSWORDS


class Screen:
    """Alice's display, locked."""

    def __init__(self):
        entry = pwd.getpwnam(ALICE)
        self._who = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x200x24", "-nolisten", "tcp",
             "-nolisten", "unix"], pass_fds=[writing], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._who)
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb does not start"
        self._environment = {"PATH": "/usr/bin:/bin", "DISPLAY": f":{number}", "HOME": "/"}
        # It says when the screen is its own.
        self._locker = subprocess.Popen(
            ["i3lock", "--nofork", "--debug"], env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self._who)
        os.set_blocking(self._locker.stdout.fileno(), False)
        self.heard = b""
        self.hears(b"redraw_screen")

    def hears(self, what, seconds=20):
        """Waits until i3lock has said this, after what was heard before."""
        deadline = time.monotonic() + seconds
        while what not in self.heard:
            assert time.monotonic() < deadline and self._locker.poll() is None, self.heard[-2000:]
            time.sleep(0.02)
            self.heard += self._locker.stdout.read() or b""
        self.heard = self.heard.split(what, 1)[1]

    def types(self, text):
        if text:
            self._xdotool("type", "--delay", "20", text)
        self._xdotool("key", "Return")

    def _xdotool(self, *words):
        subprocess.run(["xdotool", *words], env=self._environment, check=True, timeout=20, **self._who)

    def stays_locked(self):
        self.hears(b"Authentication failure")
        assert self._locker.poll() is None

    def unlocks(self):
        assert self._locker.wait(20) == 0

    def close(self):
        processes.kill_tree(self._locker.pid)
        self._locker.wait(10)
        self._locker.stdout.close()
        self._server.terminate()
        self._server.wait(10)


def as_readme_says(text):
    """What README's sed makes of a service file."""
    edit, = re.findall(r"sudo sed -i -E '([^']+)' /etc/pam\.d/i3lock", (REPOSITORY / "README.md").read_text())
    done = subprocess.run(["sed", "-E", edit], input=text, capture_output=True, text=True, check=True).stdout
    assert "@include doorpost-locker" in done and "include login" not in done
    return done


@pytest.fixture
def screen(services, instance):
    services.write("doorpost-locker", stack("doorpost-locker").replace("pam_doorpost.so", str(MODULE)))
    services.write("i3lock", as_readme_says((SERVICES / "i3lock").read_text()))
    listening = Listening(instance)
    made = Screen()
    yield made
    made.close()
    listening.stop()


def test_the_mailed_code_unlocks(screen, instance, mailbox):
    screen.types("")
    code = mailbox.code(instance.emails[ALICE])
    screen.stays_locked()
    screen.types(other_than(code))
    screen.stays_locked()
    screen.types(code)
    screen.unlocks()
    assert len(mailbox.mails()) == 1 and len(instance.session_files()) == 1


def test_the_password_unlocks_and_nothing_is_mailed(screen, mailbox):
    screen.types(PASSWORDS[ALICE])
    screen.unlocks()
    assert mailbox.mails() == []


def test_mistyped_passwords_cost_no_try(screen, instance, mailbox):
    for wrong in ("hunter2", "alice-Password-2", "x"):
        screen.types(wrong)
        screen.stays_locked()
    screen.types(mailbox.code(instance.emails[ALICE]))
    screen.unlocks()
