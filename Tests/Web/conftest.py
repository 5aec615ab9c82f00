"""The built server, over real sockets, on instances that are thrown away."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness.server import Server, temporary  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures time, so nothing else may run beside it")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


@pytest.fixture(scope="module")
def server():
    """One for a module's tests that leave each other alone: each takes its own address."""
    with temporary() as directory:
        running = Server(directory, users=[f"user{n}@example.org" for n in range(60)]
                         + ["alice@example.org"])
        try:
            yield running.start()
        finally:
            running.kill()


@pytest.fixture
def fresh():
    """`fresh(change)` starts a server of the test's own."""
    with temporary() as base:
        started = []

        def start(change=None, users=("alice@example.org",), start=True):
            directory = pathlib.Path(base) / str(len(started))
            directory.mkdir()
            one = Server(directory, change, users)
            started.append(one)
            return one.start() if start else one

        yield start
        for one in started:
            one.kill()


@pytest.fixture
def users(server):
    """Addresses that no other test of the module uses."""
    def take():
        server.taken = getattr(server, "taken", -1) + 1
        return f"user{server.taken}@example.org"
    return take
