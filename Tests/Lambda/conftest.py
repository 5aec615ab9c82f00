"""The runners for Lambda handlers, driven as the server drives them: with an empty environment."""

import atexit
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "Tests/Web"))

from harness.layout import copied, libexec  # noqa: E402
from harness.relays import Peer  # noqa: E402

# Where handlers may be: a checkout may belong to anybody.
PLACE = pathlib.Path(tempfile.mkdtemp(prefix="doorpost-lambda-"))
atexit.register(shutil.rmtree, PLACE)
os.chmod(PLACE, 0o755)
libexec(PLACE / "libexec")
for each in ("handlers", "seed"):
    copied(HERE / each, PLACE / each)
RUNNERS = {language: PLACE / f"libexec/lambda-{language}" for language in ("node", "python")}
SUFFIXES = {".py": "python", ".js": "node", ".mjs": "node"}
DEADLINE = 20


def command(place):
    """`place` is FILE or FILE:NAME: handlers/…, seed/…, or anywhere."""
    suffix = pathlib.Path(place.partition(":")[0]).suffix
    return [RUNNERS[SUFFIXES[suffix]], str(PLACE / place)]


def run(place, *events, environment=None):
    """All events at once. Returns the process, whose `answers` are the lines that came back."""
    done = subprocess.run(
        command(place), input="".join(json.dumps(e) + "\n" for e in events), capture_output=True,
        text=True, timeout=DEADLINE, env=environment or {})
    done.answers = [json.loads(line) for line in done.stdout.splitlines()]
    return done


class Kept:
    """A runner that stays."""

    def __init__(self, place, environment=None):
        self.process = subprocess.Popen(
            command(place), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment or {}, bufsize=0)

    def ask(self, event):
        self.process.stdin.write(json.dumps(event).encode() + b"\n")
        return self.line()

    def line(self):
        text = b""
        while not text.endswith(b"\n"):
            assert select.select([self.process.stdout], [], [], DEADLINE)[0], "it does not answer"
            read = self.process.stdout.read(65536)
            assert read, f"it ended, and said {text}"
            text += read
        answer, = text.splitlines()
        return json.loads(answer)

    def end(self):
        """Closes its input. Returns its exit status."""
        self.process.stdin.close()
        return self.process.wait(DEADLINE)


@pytest.fixture
def kept():
    """`kept(place, environment)` starts one."""
    started = []

    def start(*arguments):
        started.append(Kept(*arguments))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()
        each.process.stdin.close()
        each.process.stdout.close()


@pytest.fixture
def relay():
    """`relay(*arguments)` is an SMTP server that does as peer.py is told, with the `url` for SMTP_URL."""
    started = []

    def start(*arguments):
        peer = Peer(*arguments)
        peer.url = f"smtp://127.0.0.1:{peer.told['port']}"
        started.append(peer)
        return peer

    yield start
    for each in started:
        each.stop()
