"""Unmodified AWS SDKs against the built server, on instances that are thrown away.

Run by the Python of .build/venv-cognito (scripts/venv), where boto3 is."""

import pathlib
import sys
import uuid

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Web")]

from harness.clock import Clock  # noqa: E402
from harness.server import Server, temporary  # noqa: E402
from aws import Pool, sdk  # noqa: E402


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


@pytest.fixture(scope="module")
def backend(server):
    """boto3 with an API key: what an administrator's program has."""
    made = server.json("apikey", "add", "admin-tests")
    client = sdk(server.url, signed=(made["access_key_id"], made["secret_access_key"]))
    client.key = made["access_key_id"]
    # A signature is good once, and of two like requests in one second it is the same: a test that
    # does something twice must not wait for the next second.
    client.meta.events.register("before-sign.*.*", lambda request, **_: request.headers.add_header(
        "X-Amz-Nonce", uuid.uuid4().hex))
    return client


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
