"""The real binary over real instances."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("DOORPOST_BIN", str(ROOT / ".build/debug/doorpost"))


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode(errors="backslashreplace")

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


def doorpost(*arguments, umask=0o022, user=None, stdin=b"", env=None):
    """Runs the command; as `user` (an account of this machine) if it is given."""
    more = {"user": user, "group": "nogroup", "extra_groups": []} if user else {}
    return Result(
        subprocess.run(
            [BINARY, *arguments], input=stdin, capture_output=True, timeout=60, umask=umask,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **(env or {})}, **more,
        )
    )


class Instance:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.config = self.path / "doorpost.yaml"

    def __call__(self, *words, **more):
        """`instance("user", "list", "--json")`: --config goes behind the subcommand."""
        return doorpost(*words, "--config", str(self.config), **more)

    def edit(self, old, new):
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))


@pytest.fixture
def place():
    """A directory of our own that other accounts can walk through."""
    path = tempfile.mkdtemp(prefix="doorpost-commands-", dir="/tmp")
    os.chmod(path, 0o711)
    yield pathlib.Path(path)
    shutil.rmtree(path)


@pytest.fixture
def instance(place):
    result = doorpost("init", str(place / "it"))
    assert result.code == 0, result
    return Instance(place / "it")


@pytest.fixture
def alice(instance):
    result = instance("user", "add", "alice@example.org", "--login", "alice", "--name", "Älice")
    assert result.code == 0, result
    return instance
