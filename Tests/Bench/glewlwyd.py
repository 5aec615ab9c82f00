"""glewlwyd, a peer: Debian's package, unpacked below .build and run from there, tuned."""

import glob
import gzip
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sysconfig
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACE = ROOT / ".build/tools/glewlwyd"
LIBRARIES = f"usr/lib/{sysconfig.get_config_var('MULTIARCH')}"
# What apt would install for it and a login does not need.
NEEDLESS = ("maria", "mysql", "fonts-", "dbconfig", "libconfig-inifiles")

# A scheme serves who has a scope that asks for it.
SCOPE = """
INSERT INTO g_scope (gs_name, gs_password_required) VALUES ('bench', 0);
INSERT INTO g_scope_group (gs_id, gsg_name) SELECT gs_id, 'mail' FROM g_scope
    WHERE gs_name = 'bench';
INSERT INTO g_scope_group_auth_scheme_module_instance (gsg_id, guasmi_id)
    SELECT gsg_id, guasmi_id FROM g_scope_group, g_user_auth_scheme_module_instance;
INSERT INTO g_user_scope (gus_name) VALUES ('bench');
"""
# What its own script leaves without, and its statements look for at every login.
INDEXES = """
CREATE INDEX bench_1 ON g_user_scope_user (gu_id);
CREATE INDEX bench_2 ON g_user_property (gu_id);
CREATE INDEX bench_3 ON g_user_session (gus_session_hash);
CREATE INDEX bench_4 ON g_user_session_scheme (gus_id);
CREATE INDEX bench_5 ON g_user (UPPER(gu_username));
CREATE INDEX bench_6 ON g_user_password (gu_id);
"""


def unpacked():
    """Fetches the package and the libraries that this machine lacks, once; installs nothing."""
    if not (PLACE / "usr/bin/glewlwyd").exists():
        fresh = PLACE.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        plan = subprocess.run(["apt-get", "-qs", "--no-install-recommends", "install", "glewlwyd"],
                              check=True, capture_output=True, text=True).stdout
        names = {"glewlwyd"} | {line.split()[1] for line in plan.splitlines()
                                if line.startswith("Inst ")}
        # libhoel is linked with the client library of MariaDB.
        wanted = [name for name in names
                  if name == "libmariadb3" or not any(part in name for part in NEEDLESS)]
        subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *wanted],
                       check=True, cwd=fresh, stdout=subprocess.DEVNULL)
        for archive in glob.glob(f"{fresh}/*.deb"):
            subprocess.run(["dpkg-deb", "-x", archive, fresh], check=True)
            os.remove(archive)
        shutil.rmtree(PLACE, ignore_errors=True)
        fresh.rename(PLACE)
    return PLACE


class Glewlwyd:
    """`glewlwyd` with its e-mail scheme: SQLite, WAL, a log of errors only, no plugin."""

    def __init__(self, directory, users):
        place = unpacked()
        directory.mkdir()
        self.users = users
        self.next_login = 0
        self.sink = socket.create_server(("127.0.0.1", 0), backlog=1024)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.log = directory / "glewlwyd.log"
        self.store = directory / "glewlwyd.db"
        self._fill(place)
        config = directory / "glewlwyd.conf"
        config.write_text(self._settings(place / "usr/lib/glewlwyd", directory))
        with open(self.log, "wb") as log:
            self.server = subprocess.Popen(
                [place / "usr/bin/glewlwyd", "--config-file", config],
                env={"PATH": "/usr/bin", "LD_LIBRARY_PATH": str(place / LIBRARIES)},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def _fill(self, place):
        scripts = place / "usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"
        with gzip.open(scripts, "rt", encoding="utf-8") as script:
            schema = script.read()
        scheme = {"code-length": 8, "code-duration": 900, "host": "127.0.0.1",
                  "port": self.sink.getsockname()[1], "use-tls": False,
                  "from": "login@bench.example", "content-type": "text/plain; charset=utf-8",
                  "user-lang-property": "lang", "templates": {"en": {
                      "defaultLang": True, "subject": "Your code",
                      "body-pattern": "Your code:\r\n\r\n    {CODE}\r\n"}}}
        db = sqlite3.connect(self.store)
        db.execute("PRAGMA journal_mode = WAL")  # stays with the file
        db.execute("PRAGMA synchronous = OFF")   # of this connection only
        db.executescript(schema)
        db.execute("""
            INSERT INTO g_user_auth_scheme_module_instance
            (guasmi_module, guasmi_expiration, guasmi_name, guasmi_display_name, guasmi_parameters)
            VALUES ('email', 600, 'mail', 'mail', ?)""", (json.dumps(scheme),))
        db.executescript(SCOPE + INDEXES)
        db.execute("""
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
            INSERT INTO g_user (gu_username, gu_name, gu_email)
            SELECT 'user' || i, 'user' || i, 'user' || i || '@bench.example' FROM n""",
                   (self.users,))
        db.execute("""
            INSERT INTO g_user_scope_user (gu_id, gus_id) SELECT gu_id,
            (SELECT gus_id FROM g_user_scope WHERE gus_name = 'bench') FROM g_user""")
        db.commit()
        db.close()

    def _settings(self, modules, directory):
        kinds = {"user": "user", "client": "client", "user_auth_scheme": "scheme",
                 "plugin": "plugin"}
        paths = "\n".join(f'{kind}_module_path="{modules}/{place}"'
                          for kind, place in kinds.items())
        return f"""
port={self.port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{self.port}"
api_prefix="api"
static_files_path="{directory}"
log_mode="console"
log_level="ERROR"
cookie_domain="127.0.0.1"
session_expiration=2419200
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
{paths}
hash_algorithm="SHA512"
database = {{ type = "sqlite3"; path = "{self.store}"; }};
"""

    def _await_ready(self):
        until = time.monotonic() + 60
        while time.monotonic() < until and self.server.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"bench: glewlwyd is not ready:\n{self.last_words()}")

    def last_words(self):
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self):
        self.server.terminate()
        try:
            self.server.wait(60)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.sink.close()
