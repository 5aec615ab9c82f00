"""Unmodified AWS SDKs against the built server, on instances that are thrown away.

Run by the Python of .build/venv-cognito (scripts/venv), where boto3 is."""

import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Web")]

from harness.clock import Clock  # noqa: E402
from harness.server import Server, temporary  # noqa: E402
from aws import Pool  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures time, so nothing else may run beside it")


@pytest.fixture(scope="module")
def server():
    """One for a module's tests that leave each other alone: each takes its own address."""
    with temporary() as directory:
        running = Server(directory, users=[f"user{n}@example.org" for n in range(40)])
        try:
            yield running.start()
        finally:
            running.kill()


@pytest.fixture(scope="module")
def pool(server):
    """The server's pool through boto3, with a public client of its own."""
    return Pool(server, server.json("client", "add", "public"))


@pytest.fixture
def fresh():
    """`fresh(change)` starts a server of the test's own."""
    with temporary() as base:
        started = []

        def start(change=None, users=("alice@example.org",), environment=None, ready=True):
            directory = pathlib.Path(base) / str(len(started))
            directory.mkdir()
            one = Server(directory, change, users)
            one.environment = environment or {}
            started.append(one)
            return one.start(ready=ready)

        yield start
        for one in started:
            one.kill()


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture
def user(server):
    """An address that no other test of the module uses."""
    server.taken = getattr(server, "taken", -1) + 1
    return f"user{server.taken}@example.org"
