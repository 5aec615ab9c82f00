"""The session file: where it stands, whose it is, what it says, and that nobody can bend it."""

import json
import os
import pathlib
import pwd
import stat
import subprocess
import time

import pytest

from harness.pam import Code, PamHost
from harness.people import ALICE, BOB, CAROL, SERVICE_USER


def sign_in(host, mailbox, address, count=1):
    host.begin("authenticate").prompt()
    return host.answer(mailbox.code(address, count)).result()


def as_account(name):
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def uid(name):
    return pwd.getpwnam(name).pw_uid


@pytest.fixture
def signed_in(service, instance, mailbox):
    """A login of Alice, with its session file."""
    with PamHost(service, ALICE, items={"rhost": "192.0.2.7", "tty": "pts/9"}) as host:
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.SUCCESS
        yield host


def test_the_file_stands_where_it_should_with_owner_and_modes_that_keep_it_private(
        signed_in, instance):
    path = pathlib.Path(signed_in.environment()["DOORPOST_SESSION_FILE"])
    assert path in instance.session_files()
    assert path.parent == instance.sessions / str(uid(ALICE))
    file, directory = path.lstat(), path.parent.lstat()
    assert stat.S_IMODE(file.st_mode) == 0o400 and file.st_uid == uid(ALICE)
    assert file.st_nlink == 1 and stat.S_ISREG(file.st_mode)
    assert stat.S_IMODE(directory.st_mode) == 0o711 and directory.st_uid == uid(SERVICE_USER)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_user_reads_the_file_and_nobody_else_does(signed_in):
    path = signed_in.environment()["DOORPOST_SESSION_FILE"]
    mine = subprocess.run(["cat", path], capture_output=True, **as_account(ALICE))
    other = subprocess.run(["cat", path], capture_output=True, **as_account(BOB))
    listed = subprocess.run(["ls", os.path.dirname(path)], capture_output=True,
                            **as_account(ALICE))
    assert mine.returncode == 0 and mine.stdout.count(b".") == 2
    assert other.returncode != 0 and listed.returncode != 0


def test_the_user_can_put_nothing_beside_the_file_and_not_change_it(signed_in):
    path = signed_in.environment()["DOORPOST_SESSION_FILE"]
    for command in (["touch", f"{os.path.dirname(path)}/x"], ["rm", "-f", path],
                    ["mv", path, "/tmp/x"], ["sh", "-c", f"echo x >> {path}"],
                    ["ln", path, f"{path}.ln"]):
        assert subprocess.run(command, capture_output=True, **as_account(ALICE)).returncode != 0


def test_the_claims_say_who_where_and_how_long(signed_in, instance):
    path = signed_in.environment()["DOORPOST_SESSION_FILE"]
    claims = json.loads(instance.run("token", "verify", path).stdout)
    host = os.uname().nodename
    now = time.time()
    assert claims["iss"] == "https://login.e2e.example"
    assert claims["aud"] in (f"host:{host}", [f"host:{host}"])
    assert claims["amr"] == ["otp"] and claims["token_use"] == "session"
    assert claims["email"] == instance.emails[ALICE]
    assert claims["preferred_username"] == ALICE
    assert claims["host"] == host and claims["service"] == "doorpost-e2e"
    assert claims["rhost"] == "192.0.2.7" and claims["tty"] == "pts/9"
    assert abs(claims["iat"] - now) < 60 and claims["auth_time"] <= claims["iat"]
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert claims["jti"] and claims["sub"] and "@" not in claims["sub"]
    assert claims["jti"] in path


def test_a_changed_file_is_not_believed(signed_in, instance):
    token = pathlib.Path(signed_in.environment()["DOORPOST_SESSION_FILE"]).read_text().strip()
    head, body, signature = token.split(".")
    flipped = ("A" if signature[9] != "A" else "B")
    for forged in (f"{head}.{body}.{signature[:9]}{flipped}{signature[10:]}", f"{head}.{body}.",
                   f"eyJhbGciOiJub25lIn0.{body}.", f"{token}.{signature}"):
        assert instance.run("token", "verify", "-", text_in=forged, check=False).returncode == 1


def test_a_session_ended_at_close_is_no_longer_good(signed_in, instance):
    path = signed_in.environment()["DOORPOST_SESSION_FILE"]
    token = pathlib.Path(path).read_text()
    assert instance.run("token", "verify", "-", text_in=token).returncode == 0
    assert signed_in.call("open_session") == Code.SUCCESS
    assert signed_in.call("close_session") == Code.SUCCESS
    assert not os.path.exists(path)
    assert instance.run("token", "verify", "-", text_in=token, check=False).returncode == 1


def test_a_session_file_of_somebody_else_named_in_the_environment_is_left_alone(
        service, signed_in, instance):
    """pam_env lets users set variables: that must not remove or revoke what is not theirs."""
    path = signed_in.environment()["DOORPOST_SESSION_FILE"]
    for named in (path, "/etc/passwd", f"{instance.sessions}/../x.jwt", "relative.jwt"):
        with PamHost(service, CAROL) as other:
            other.put_environment(f"DOORPOST_SESSION_FILE={named}")
            assert other.call("setcred") != Code.SUCCESS
            assert other.call("open_session") == Code.SUCCESS
            assert other.call("close_session") == Code.SUCCESS
    assert os.path.exists(path) and os.path.exists("/etc/passwd")
    assert instance.run("token", "verify", path).returncode == 0


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_the_hosts_umask_changes_no_mode(service, instance, mailbox, umask):
    with PamHost(service, ALICE, umask=umask) as host:
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.SUCCESS
        assert int(host.state()["Umask"], 8) == umask
    for path in instance.session_files():
        assert stat.S_IMODE(path.lstat().st_mode) == 0o400
        assert stat.S_IMODE(path.parent.lstat().st_mode) == 0o711
    for path in instance.directory.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.lstat().st_mode) & 0o007 == 0, path


def test_nothing_is_left_changed_in_the_host_program(service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        before = host.state()
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.SUCCESS
        assert host.call("open_session") == Code.SUCCESS
        assert host.call("close_session") == Code.SUCCESS
        after = host.state()
    assert after == before
    assert after["swift"] == [] and after["Threads"] == "1"


def plant_symlink(place, target):
    place.symlink_to(target)


def plant_fifo(place, _):
    os.mkfifo(place)


def plant_file(place, _):
    place.write_text("in the way")


def plant_hard_link(place, target):
    (target / "victim").write_text("in the way")
    os.link(target / "victim", place)


def plant_open_directory(place, _):
    place.mkdir(mode=0o777)
    place.chmod(0o777)


def plant_directory_of_the_user(place, _):
    place.mkdir(mode=0o755)
    os.chown(place, uid(ALICE), -1)


PLANTED = [plant_symlink, plant_fifo, plant_file, plant_hard_link, plant_open_directory,
           plant_directory_of_the_user]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda f: f.__name__)
def test_what_stands_in_the_place_of_the_users_directory_is_neither_followed_nor_used(
        service, instance, mailbox, machine, plant):
    """As root would find it after an attack on the directory."""
    elsewhere = machine.new_directory("elsewhere")
    elsewhere.mkdir(mode=0o777)
    elsewhere.chmod(0o777)
    plant(instance.sessions / str(uid(ALICE)), elsewhere)
    began = time.monotonic()
    with PamHost(service, ALICE) as host:
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.AUTHINFO_UNAVAIL
        assert "DOORPOST_SESSION_FILE" not in host.environment()
    assert time.monotonic() - began < 10
    assert not list(elsewhere.glob("*.jwt")) and not instance.session_files()
    assert json.loads(instance.run("session", "list", "--json").stdout) == []


@pytest.mark.parametrize("plant", [plant_symlink, plant_fifo, plant_open_directory],
                         ids=lambda f: f.__name__)
def test_what_stands_in_the_place_of_the_session_directory_is_not_used(
        service, instance, mailbox, machine, plant):
    elsewhere = machine.new_directory("elsewhere")
    elsewhere.mkdir(mode=0o777)
    instance.sessions.rmdir()
    plant(instance.sessions, elsewhere)
    with PamHost(service, ALICE) as host:
        assert sign_in(host, mailbox, instance.emails[ALICE]) == Code.AUTHINFO_UNAVAIL
    assert not list(elsewhere.rglob("*.jwt"))


def test_the_file_is_named_in_the_session_over_ssh_and_gone_after_it(
        sshd, instance, mailbox, machine):
    terminal = sshd().ssh(ALICE)
    terminal.asks_for_code()
    terminal.types(mailbox.code(instance.emails[ALICE]))
    named = terminal.shell("echo $DOORPOST_SESSION_FILE")
    assert [named] == [str(f) for f in instance.session_files()]
    token = terminal.shell("cat $DOORPOST_SESSION_FILE")
    machine.secrets.add(token)
    claims = json.loads(instance.run("token", "verify", "-", text_in=token).stdout)
    assert claims["service"] == "sshd" and claims["rhost"] == "127.0.0.1"
    terminal.types("exit")
    assert terminal.ends() == 0
    gone(instance.session_files)


def gone(listing, seconds=10):
    """sshd closes the PAM session after the client is gone."""
    deadline = time.monotonic() + seconds
    while listing():
        assert time.monotonic() < deadline, "the session file was not removed"
        time.sleep(0.01)
