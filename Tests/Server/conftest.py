"""Fixtures of the web tests: the built `doorpost serve` over real sockets. No root needed.

What is driven is taken from DOORPOST_BIN_DIR (default .build/release).
"""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness.server import BINARY, Server, doorpost  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures time, so nothing else may run beside it")
    if not BINARY.exists():
        pytest.exit(f"not built: {BINARY}; run `make build`", 2)


@pytest.fixture
def config(tmp_path):
    """The configuration of an instance of the test's own."""
    made = doorpost("init", tmp_path / "instance")
    assert made.returncode == 0, made.stderr
    return tmp_path / "instance/doorpost.yaml"


@pytest.fixture
def serve(config):
    """Starts servers; ends them after the test."""
    started = []

    def start(*arguments, **more):
        started.append(Server(more.pop("config", config), *arguments, **more))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One server for the tests of a file that leave it as it was."""
    place = tmp_path_factory.mktemp("shared") / "instance"
    assert doorpost("init", place).returncode == 0
    running = Server(place / "doorpost.yaml")
    yield running
    assert running.stop() == 0
