"""A database on another machine must show who it is before it is told anything."""

import os
import shutil
import socket
import subprocess

import pytest
from harness.server import BIN, Server, temporary
from postgres import postgres

NAME = "db.test"


def certificate(directory, name):
    """One that vouches for itself."""
    base = directory / name
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
         "-keyout", f"{base}.key", "-out", f"{base}.crt"], check=True, capture_output=True)
    return base


@pytest.fixture(scope="module")
def listening(tmp_path_factory):
    """A PostgreSQL on TCP; `present(name)` shows a certificate for that name, or none."""
    directory = tmp_path_factory.mktemp("certificates")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with postgres(listen_addresses="127.0.0.1", port=port) as server:

        def present(name):
            server.stop()
            server.settings["ssl"] = "on" if name else "off"
            if name:
                base = certificate(directory, name)
                for end in ("key", "crt"):
                    target = server.directory / "data" / f"server.{end}"
                    shutil.copyfile(f"{base}.{end}", target)
                    target.chmod(0o600)
                    if server.identity:
                        os.chown(target, server.identity["user"], server.identity["group"])
            server.start()
            return f"{directory}/{name}.crt"

        server.tcp = f"postgres://doorpost@{NAME}:{port}/postgres?hostaddr=127.0.0.1"
        server.present = present
        yield server


@pytest.fixture(scope="module")
def migrate():
    with temporary() as base:
        instance = Server(base, users=())

        def run(url):
            instance.configure(lambda c: c.update(store=url))
            return subprocess.run([BIN / "doorpost", "store", "migrate", "--config", instance.config],
                                  capture_output=True, text=True, timeout=60, check=False)

        yield run


def tables(server):
    return server.query("SELECT count(*) FROM pg_tables WHERE tablename = 'doorpost_schema'")


def test_one_that_is_not_who_it_should_be_is_told_nothing(listening, migrate):
    refused = migrate(listening.tcp)
    assert refused.returncode != 0 and "SSL" in refused.stderr, refused
    trusted = listening.present("other.test")
    refused = migrate(f"{listening.tcp}&sslrootcert={trusted}")
    assert refused.returncode != 0 and NAME in refused.stderr, refused
    listening.present(NAME)
    # The system's authorities do not know it.
    refused = migrate(listening.tcp)
    assert refused.returncode != 0 and "certificate" in refused.stderr, refused
    assert tables(listening) == ["0"]


def test_one_that_shows_its_name_is_believed(listening, migrate):
    trusted = listening.present(NAME)
    done = migrate(f"{listening.tcp}&sslrootcert={trusted}")
    assert done.returncode == 0, done
    assert tables(listening) == ["1"]
