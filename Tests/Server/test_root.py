"""Started as root, as systemd and people do."""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

import pytest
from harness.server import Server, doorpost
from harness.wire import get
from test_tls import Certificate, der, secure, shown

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
ACCOUNT = "nobody"


@pytest.fixture
def config():
    """An instance of the service's account, under a configuration of root's."""
    # pytest's own directories let no other account through.
    place = pathlib.Path(tempfile.mkdtemp(prefix="doorpost-web-", dir="/tmp"))
    place.chmod(0o711)
    assert doorpost("init", place / "instance").returncode == 0
    subprocess.run(["chown", "-R", ACCOUNT, place / "instance"], check=True)
    config = place / "doorpost.yaml"
    text = (place / "instance/doorpost.yaml").read_text()
    for key in ("store: sqlite:", "keys: ", "transport: outbox:", "session_directory: "):
        text = re.sub(f"{key}(?!/)", f"{key}{place}/instance/", text)
    config.write_text(text + f"run_as: {ACCOUNT}\n")
    config.chmod(0o644)
    yield config
    shutil.rmtree(place)


def test_it_gives_up_root_once_port_and_key_are_taken(config):
    certificate = Certificate(config.parent, "root")
    secure(config, certificate.cert, certificate.key)
    server = Server(config)
    try:
        account = pwd.getpwnam(ACCOUNT)
        threads = list(pathlib.Path(f"/proc/{server.pid}/task").iterdir())
        assert len(threads) > 2
        for thread in threads:
            status = (thread / "status").read_text()
            assert re.search(r"Uid:\t(.*)", status)[1].split() == [str(account.pw_uid)] * 4
            assert re.search(r"Gid:\t(.*)", status)[1].split() == [str(account.pw_gid)] * 4
            assert re.search(r"Groups:\t(.*)", status)[1].split() == [str(account.pw_gid)]
            for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                assert re.search(rf"{kind}:\t(.*)", status)[1] == "0" * 16
        assert shown(server)[2] == der(certificate)
        # The key is root's alone: it cannot be read again, and the old one stays.
        said = server.reload()
        assert "TLS key cannot be read" in said and "the old configuration stays" in said
        assert shown(server)[2] == der(certificate)
    finally:
        assert server.stop() == 0


def test_a_port_below_1024(config):
    for port in range(1000, 1024):
        server = Server(config, listen=f"127.0.0.1:{port}", wait=False)
        try:
            server.log.wait_for("listening on|in use")
            if server.log.find("in use"):
                continue
            server.host, server.port = "127.0.0.1", port
            assert get(server, "/nothing").status == 404
            return
        finally:
            server.stop()


def test_such_a_port_is_not_for_everybody(config, tmp_path):
    place = config.parent / "other"
    place.mkdir()
    shutil.chown(place, ACCOUNT)
    made = subprocess.run(["setpriv", "--reuid", ACCOUNT, "--clear-groups", "true"])
    if made.returncode:
        pytest.skip("no setpriv")
    server = Server(config, listen="127.0.0.1:1023", wait=False,
                    wrapper=["setpriv", "--reuid", ACCOUNT, "--clear-groups",
                             "--inh-caps=-all", "--bounding-set=-all"])
    assert server.wait() in (69, 74)
    text = server.log.text()
    assert "CAP_NET_BIND_SERVICE" in text or "in use" in text
