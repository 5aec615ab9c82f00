"""A machine of its own for a program: a network namespace at the other end of a cable that can be cut."""

import contextlib
import os
import subprocess
import time

OURS, THEIRS = "10.203.0.1", "10.203.0.2"
TABLE = "doorpost_cut"


class Machine:
    """Needs root. It is gone with its only process, and the cable with it."""

    address, ours = THEIRS, OURS

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/net")
        end = time.monotonic() + 10
        while self.namespace() in (None, own):
            assert time.monotonic() < end, "no network namespace"
            time.sleep(0.01)
        # By the command that a program is run in it with.
        self.enter = ["nsenter", "-t", str(self.process.pid), "-n"]
        self.near, self.far = (f"dp{self.process.pid}{end}" for end in "ab")
        here("ip", "link", "add", self.near, "type", "veth", "peer", "name", self.far,
             "netns", str(self.process.pid))
        here("ip", "address", "add", f"{OURS}/30", "dev", self.near)
        here("ip", "link", "set", self.near, "up")
        self.there("ip", "address", "add", f"{THEIRS}/30", "dev", self.far)
        self.there("ip", "link", "set", self.far, "up")
        self.there("ip", "link", "set", "lo", "up")

    def namespace(self):
        try:
            return os.readlink(f"/proc/{self.process.pid}/ns/net")
        except OSError:
            return None

    def there(self, *words):
        here(*self.enter, *words)

    def cut(self, answers_only=False, port=None):
        """From now on packets vanish on the way: no reset, no "unreachable", no carrier lost.

        `answers_only`: those that come from there. `port`: of a service here, and no others.
        """
        here("nft", *drop(THEIRS, f"tcp dport {port}" if port else ""))
        if not answers_only:
            self.there("nft", *drop(OURS, f"tcp sport {port}" if port else ""))

    def heal(self):
        for remove in (here, self.there):
            remove("sh", "-c", f"! nft list table ip {TABLE} >/dev/null 2>&1 || nft delete table ip {TABLE}")

    def stop(self):
        self.heal()
        self.process.kill()
        self.process.wait()
        subprocess.run(["ip", "link", "delete", self.near], capture_output=True, check=False)


def here(*words):
    subprocess.run(words, check=True, capture_output=True, text=True, timeout=20)


def drop(source, what):
    return [f"table ip {TABLE} {{ chain input {{ type filter hook input priority 0; "
            f"ip saddr {source} {what} drop; }}; }}"]


@contextlib.contextmanager
def machine():
    running = Machine()
    try:
        yield running
    finally:
        running.stop()
