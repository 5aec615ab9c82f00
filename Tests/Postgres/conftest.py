"""Three servers on one PostgreSQL, as on three machines: each with a copy of configuration and keys."""

import pathlib
import shutil
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Web"), str(HERE.parent / "Support")]

from balancer import NAME, Balancer  # noqa: E402
from harness.server import Server, temporary, until  # noqa: E402
from harness.sink import Sink  # noqa: E402
from postgres import postgres  # noqa: E402

USERS = [f"user{n}@example.org" for n in range(20)]


class Copy(Server):
    """Another machine of the same fleet. The mails of all go to one place, to be read."""

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

    def mails(self, to=None):
        raise NotImplementedError("ask the fleet")


class Fleet:
    def __init__(self, base, database, change=None, address="127.0.0.1"):
        self.sink = Sink(pause=0, address=address)

        def settings(config):
            config["store"] = database.url
            config["mail"].update(self.sink.settings)
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
        self.sink.stop()

    def code(self, user, after=0, deadline=20):
        """The newest code that was mailed to somebody, once there are more than `after`."""
        return until(lambda: self.sink.codes(user)[after:], deadline)[-1]

    def share_keys(self):
        """One directory of keys for all, as on a network file system."""
        for server in self.servers[1:]:
            server.configure(lambda c: c.update(keys=str(self.first.directory / "keys")))
        return self

    def clients(self, count):
        """So many, spread over the servers."""
        return [self.servers[n % len(self.servers)].client() for n in range(count)]

    def user(self):
        """Somebody whom no other test uses."""
        self.taken += 1
        return USERS[self.taken - 1]


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def balanced(database):
    """A fleet with one directory of keys, behind HAProxy: `fleet.balancer`."""
    with temporary() as base:
        running = Fleet(base, database, lambda c: c.update(issuer=f"https://{NAME}")).share_keys()
        try:
            running.start()
            running.balancer = Balancer(pathlib.Path(base) / "haproxy", running.servers)
            try:
                yield running
            finally:
                running.balancer.stop()
        finally:
            running.kill()
