"""The login page in a real browser, before the built server.

One Chromium serves all tests, each in a tab of its own without cookies; so does one server for
each set of settings, with an address of its own for each test.
"""

import pathlib
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Web"))

from browsing import Browser, Chromium  # noqa: E402
from doors import Doors, StaticHost, Web  # noqa: E402


@pytest.fixture(scope="session")
def doors():
    found = Doors()
    yield found
    found.close()


@pytest.fixture
def web(doors):
    """Doorpost as it comes, but with room for as many sign-ins as tests need."""
    return Web(doors.get())


@pytest.fixture
def web_with(doors):
    """`web_with(section={...})`: the same with other settings."""
    return lambda **settings: Web(doors.get(**settings))


@pytest.fixture(scope="session")
def chromium():
    with tempfile.TemporaryDirectory(prefix="doorpost-chromium-") as profile:
        running = Chromium(profile)
        yield running
        running.quit()


@pytest.fixture
def open_browser(chromium):
    """`open_browser(size, dark, javascript)` opens a tab, as if in a fresh profile."""
    tabs = []

    def open_one(**settings):
        tabs.append(Browser(chromium.driver, **settings))
        return tabs[-1]

    yield open_one
    complaints = [line for tab in tabs for line in tab.close()]
    assert complaints == []


@pytest.fixture
def browser(open_browser):
    return open_browser()


@pytest.fixture(scope="session")
def static_host():
    """A web server that is none of ours."""
    host = StaticHost()
    yield host
    host.stop()
