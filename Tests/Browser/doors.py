"""What the browser meets: built servers, one for each set of settings, and a web server of others."""

import functools
import http.server
import itertools
import pathlib
import shutil
import sqlite3
import tempfile
import threading

from harness.server import ROOT, Server, until

ASSETS = ROOT / "Sources/DoorpostHTTP/Page/Assets"
_numbers = itertools.count(1)


def _lay_over(settings, more):
    """Sections are merged, as deep as they go; everything else is replaced."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(settings.get(key), dict):
            _lay_over(settings[key], value)
        else:
            settings[key] = value


class Web:
    """A server, and on it an address that no other test uses."""

    def __init__(self, server, email=None, name=""):
        self.server = server
        self.url = server.url
        self.email = email or f"ada{next(_numbers)}@example.org"
        server.run("user", "add", self.email, *(["--name", name] if name else []))

    def at(self, host):
        """The same server under another name."""
        return self.url.replace("127.0.0.1", host)

    def code(self, after=0):
        """The newest code, once there are more than `after`, without what is there for the eye."""
        return self.server.code(self.email, after).replace("-", "")

    def mails(self):
        return self.server.mails(self.email)

    def age(self, seconds):
        """Makes this address's codes older than they are, for the server."""
        with sqlite3.connect(self.server.directory / "doorpost.db", timeout=30) as store:
            changed = store.execute(
                "UPDATE challenges SET created_at = created_at - :by, mailed_at = mailed_at - :by,"
                " expires_at = expires_at - :by"
                " WHERE user_id = (SELECT id FROM users WHERE email = :email)",
                {"by": seconds * 1000, "email": self.email}).rowcount
        store.close()
        assert changed == 1


class Doors:
    """Starts a server the first time that its settings are asked for."""

    def __init__(self):
        self._base = tempfile.TemporaryDirectory(prefix="doorpost-browser-")
        self._servers = []
        self._by_settings = {}

    def start(self, *words, ready=True, **settings):
        directory = pathlib.Path(self._base.name) / str(len(self._servers))
        directory.mkdir()

        def change(configuration):
            # Doorpost's own; the harness has 0s.
            configuration["code"]["resend_after"] = "60s"
            _lay_over(configuration, settings)

        server = Server(directory, change, users=())
        self._servers.append(server)
        return server.start(*words, ready=ready)

    def get(self, **settings):
        key = repr(sorted(settings.items()))
        if key not in self._by_settings:
            self._by_settings[key] = self.start(**settings)
        return self._by_settings[key]

    def without_mail(self):
        """One that has found out that nobody takes its mail."""
        if "without mail" not in self._by_settings:
            # Nobody listens on the port that is for discarding.
            server = self.start(ready=False, mail={
                "transport": "smtp://127.0.0.1:9", "tls": "none"})
            until(lambda: server.client().initiate("stranger@example.org").status == 503)
            self._by_settings["without mail"] = server
        return self._by_settings["without mail"]

    def close(self):
        for server in self._servers:
            server.kill()
        self._base.cleanup()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class StaticHost:
    """Serves copies of the page's files, and an application."""

    def __init__(self):
        self._base = tempfile.TemporaryDirectory(prefix="doorpost-static-")
        self.directory = pathlib.Path(self._base.name)
        handler = functools.partial(_Quiet, directory=self._base.name)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.origin = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        (self.directory / "app").mkdir()
        (self.directory / "app" / "index.html").write_text("<title>The application</title>")
        self.application = f"{self.origin}/app/"

    def publish_page(self, folder, server):
        """What an administrator does: copy the files, set the one line."""
        target = self.directory / folder
        (target / "assets").mkdir(parents=True)
        for name in ("index.html", "home.html"):
            text = (ASSETS / name).read_text()
            line = '<meta name="doorpost-server" content="">'
            assert text.count(line) == 1
            (target / name).write_text(text.replace(line, line.replace('""', f'"{server}"')))
        for name in ("auth.js", "styles.css", "icon.svg"):
            shutil.copy(ASSETS / name, target / "assets")
        return f"{self.origin}/{folder}/"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._base.cleanup()
