"""Three servers on one PostgreSQL, as on three machines: each with a copy of configuration and keys."""

import pathlib
import shutil
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "Web"), str(HERE.parent / "Support")]

from harness.server import Server, temporary  # noqa: E402
from postgres import postgres  # noqa: E402

USERS = [f"user{n}@example.org" for n in range(20)]


class Copy(Server):
    """Another machine of the same fleet. The mails of all go into one directory, to be read."""

    def __init__(self, first, directory):  # pylint: disable=super-init-not-called
        directory = pathlib.Path(directory)
        directory.mkdir()
        self.directory = directory / "instance"
        self.directory.mkdir(mode=0o711)
        self.config = self.directory / "doorpost.yaml"
        self.log = directory / "server.log"
        self.process, self.environment, self.before = None, {}, []
        shutil.copytree(first.directory / "keys", self.directory / "keys")
        shutil.copy(first.config, self.config)
        self.configure(lambda c: c["mail"].update(transport=f"outbox:{first.directory}/outbox"))

    def mails(self, to=None):
        raise NotImplementedError("ask the first")


class Fleet:
    def __init__(self, base, database, change=None):
        def settings(config):
            config["store"] = database.url
            if change:
                change(config)

        self.database = database
        first = Server(base, settings, USERS)
        self.servers = [first, *(Copy(first, pathlib.Path(base) / f"copy{n}") for n in (1, 2))]
        self.first = first
        self.taken = 0

    def start(self):
        for server in self.servers:
            server.start()
        return self

    def kill(self):
        for server in self.servers:
            server.kill()

    def clients(self, count):
        """So many, spread over the servers."""
        return [self.servers[n % len(self.servers)].client() for n in range(count)]

    def user(self):
        """Somebody whom no other test uses."""
        self.taken += 1
        return USERS[self.taken - 1]


@pytest.fixture(scope="session")
def database():
    with postgres() as running:
        yield running


@pytest.fixture(scope="module")
def fleet(database):
    with temporary() as base:
        running = Fleet(base, database)
        try:
            yield running.start()
        finally:
            running.kill()
