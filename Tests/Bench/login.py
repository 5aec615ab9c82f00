"""One login through pamtester, and what it cost: wall time, and CPU of everything it started."""

import hashlib
import hmac
import os
import resource
import struct
import time
from dataclasses import dataclass

PAMTESTER = "/usr/bin/pamtester"


@dataclass
class Cost:
    wall: float    # seconds until pamtester ended
    cpu: float     # of pamtester, the module and the helper
    after: float   # of what outlived pamtester: the courier

    @property
    def all_cpu(self):
        return self.cpu + self.after


@dataclass
class Contender:
    name: str
    service: str
    users: list
    answer: object            # called once pamtester runs; returns what to type, or None
    operations: tuple = ("authenticate",)

    def __post_init__(self):
        self._turn = 0

    def login(self):
        user = self.users[self._turn % len(self.users)]
        self._turn += 1
        return login(self.service, user, self.operations, self.answer)


def _children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def login(service, user, operations, answer):
    """We are a subreaper, so the courier, nobody's child, ends up as ours and is counted too."""
    keyboard, typed = os.pipe()
    null = os.open("/dev/null", os.O_WRONLY)
    before = _children_cpu()
    start = time.perf_counter()
    pid = os.posix_spawn(
        PAMTESTER, [PAMTESTER, service, user, *operations], {},
        file_actions=[(os.POSIX_SPAWN_DUP2, keyboard, 0), (os.POSIX_SPAWN_DUP2, null, 1),
                      (os.POSIX_SPAWN_DUP2, null, 2)])
    os.close(keyboard)
    text = answer()
    if text is not None:
        os.write(typed, text.encode() + b"\n")
    _, status = os.waitpid(pid, 0)
    wall = time.perf_counter() - start
    within = _children_cpu()
    os.close(typed)
    os.close(null)
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    if status != 0:
        raise SystemExit(f"bench: {service} did not let {user} in (wait status {status})")
    return Cost(wall, within - before, _children_cpu() - within)


class HOTP:
    """The next code of a google-authenticator secret."""

    def __init__(self, secret):
        self._secret = secret
        self._counter = 0

    def __call__(self):
        self._counter += 1
        digest = hmac.new(self._secret, struct.pack(">Q", self._counter), hashlib.sha1).digest()
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 10**6:06}"
