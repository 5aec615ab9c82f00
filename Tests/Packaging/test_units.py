"""The systemd units: what they promise, measured by systemd's own tool."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICE = ROOT / "packaging/systemd/doorpost.service"
DROP_INS = sorted((ROOT / "packaging/systemd").glob("*.conf"))
SOCKET = ROOT / "packaging/systemd/doorpost.socket"
LOCKER = ROOT / "packaging/systemd/doorpost-pam@.service"
LOCKER_SOCKET = ROOT / "packaging/systemd/doorpost-pam.socket"


def values(unit, key):
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)


def exposure(unit):
    done = subprocess.run(["systemd-analyze", "--no-pager", "security", "--offline=true",
                           str(unit)], capture_output=True, text=True, check=True)
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert score, done.stdout
    return float(score[1]), done.stdout


@pytest.mark.parametrize("drop_in", [None, *DROP_INS], ids=lambda file: file and file.name)
def test_the_exposure_is_at_most_1_5(drop_in, tmp_path):
    unit = tmp_path / SERVICE.name
    unit.write_text(SERVICE.read_text().replace("\n[Install]", f"\n{drop_in.read_text()}\n[Install]")
                    if drop_in else SERVICE.read_text())
    score, said = exposure(unit)
    assert score <= 1.5, said


def test_the_exposure_of_what_gives_files_away_is_little_more():
    score, said = exposure(LOCKER)
    assert score <= 1.6, said


def test_who_asks_is_known_and_the_default_is_where_the_module_asks():
    """In a user namespace every caller would be nobody."""
    assert values(LOCKER, "PrivateUsers") == ["no"]
    assert values(LOCKER_SOCKET, "MaxConnections") == ["64"]
    assert values(LOCKER_SOCKET, "ListenStream") == ["/run/doorpost/pam.sock"]
    header = (ROOT / "CModules/pam_doorpost/module.h").read_text()
    assert '#define DOORPOST_SOCKET_PATH "/run/doorpost/pam.sock"' in header


def test_systemd_understands_every_line(tmp_path):
    """With the program in a place where it is, so that what is left are mistakes of ours."""
    units = (SERVICE, SOCKET, LOCKER, LOCKER_SOCKET)
    for unit in units:
        (tmp_path / unit.name).write_text(
            re.sub(r"^Documentation=.*\n", "", unit.read_text(), flags=re.MULTILINE)
            .replace("/usr/bin/doorpost", "/usr/bin/true")
            .replace("/usr/libexec/doorpost/doorpost-pam", "/usr/bin/true"))
    more = tmp_path / f"{SERVICE.name}.d"
    more.mkdir()
    for drop_in in DROP_INS:
        (more / drop_in.name).write_text(drop_in.read_text())
    done = subprocess.run(["systemd-analyze", "verify", "--man=no",
                           *(str(tmp_path / u.name.replace("@.", "@1.")) for u in units)],
                          capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "doorpost" in line]
    assert (done.returncode, ours) == (0, [])


def test_stopping_the_server_leaves_the_session_files_of_pam():
    """RuntimeDirectory= would chown all below it to the service, and delete it at stop."""
    assert values(SERVICE, "RuntimeDirectory") == []
    assert "-/run/doorpost" in values(SERVICE, "ReadWritePaths")


def test_the_socket_is_where_the_configuration_listens():
    assert values(SOCKET, "ListenStream") == ["127.0.0.1:8425"]


def test_a_wrong_configuration_is_not_retried():
    assert set(values(SERVICE, "RestartPreventExitStatus")[0].split()) >= {"2", "78"}
