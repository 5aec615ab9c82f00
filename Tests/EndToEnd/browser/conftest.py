"""The login page in a real browser, before a real server.

`web` is the one place where a server is started: everything here depends on it alone. The program
is DOORPOST_BIN_DIR/doorpost (default .build/release). To run these without the rest of the
end-to-end tests: pytest --confcutdir=Tests/EndToEnd/browser Tests/EndToEnd/browser
"""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from browsing import Browser  # noqa: E402
from serving import StaticHost, Web  # noqa: E402


@pytest.fixture
def web(tmp_path):
    """A Doorpost of this test's own: .url, .email, .mailbox.code(email), .limits(...)."""
    server = Web(tmp_path / "doorpost")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def open_browser(tmp_path):
    """Starts a browser with a fresh profile; every one is closed at the end."""
    browsers = []

    def open_one(**settings):
        profile = tmp_path / f"profile-{len(browsers)}"
        browsers.append(Browser(profile, **settings))
        return browsers[-1]

    yield open_one
    for browser in browsers:
        browser.quit()


@pytest.fixture
def browser(open_browser):
    return open_browser()


@pytest.fixture
def static_host(tmp_path):
    """The page's files on another origin, in a sub folder."""
    host = StaticHost(tmp_path / "static")
    yield host
    host.stop()
