"""The store, the keys and the configuration in trouble: denied, in time, with words."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import time

import pytest

from harness.pam import Code, PamHost
from harness.people import ALICE, SERVICE_USER

REFUSED = (Code.AUTHINFO_UNAVAIL, Code.SERVICE_ERR)


@contextlib.contextmanager
def small_filesystem(directory, options, owner=None):
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "full", directory], check=True)
    try:
        if owner:
            shutil.chown(directory, owner, owner)
        yield
    finally:
        subprocess.run(["umount", "-l", directory], check=True)


def break_as(kind, instance):
    if kind == "not a database":
        instance.store.write_bytes(b"this is no database" * 1000)
    elif kind == "empty header":
        with open(instance.store, "r+b") as file:
            file.write(b"\0" * 100)
    elif kind == "missing directory":
        instance.configure({"store": "sqlite:/nonexistent/doorpost.db"})
    elif kind == "a directory":
        instance.store.unlink()
        instance.store.mkdir()
    elif kind == "not ours to read":
        os.chown(instance.store, 0, 0)
        instance.store.chmod(0o600)


@pytest.mark.parametrize("kind", ["not a database", "empty header", "missing directory",
                                  "a directory", "not ours to read"])
def test_a_broken_store_lets_nobody_in_and_says_so(service, instance, mailbox, syslog, kind):
    for leftover in instance.store.parent.glob(instance.store.name + "-*"):
        leftover.unlink()
    break_as(kind, instance)
    before = instance.store.read_bytes() if instance.store.is_file() else None
    mark, began = syslog.mark(), time.monotonic()
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").result() in REFUSED
        assert any(style == "error" for style, _ in host.messages)
    assert time.monotonic() - began < 5
    syslog.wait_for(r"doorpost.*(store|database)|store", mark)
    assert not mailbox.mails("") and not instance.session_files()
    if before is not None:
        assert instance.store.read_bytes() == before, "a damaged store must be kept as it is"


def test_a_store_locked_for_long_is_given_up_soon_and_counts_nothing(
        service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        locker = sqlite3.connect(instance.store, isolation_level=None)
        locker.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        assert host.answer(code).result() == Code.AUTHINFO_UNAVAIL
        assert time.monotonic() - began < 10
        locker.execute("ROLLBACK")
        locker.close()
    assert not instance.session_files()
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(code).result() == Code.SUCCESS


def test_a_store_locked_for_a_moment_is_waited_for(service, instance, mailbox):
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        code = mailbox.code(instance.emails[ALICE])
        locker = sqlite3.connect(instance.store, isolation_level=None, check_same_thread=False)
        locker.execute("BEGIN IMMEDIATE")
        host.answer(code)
        time.sleep(0.3)  # shorter than anybody's patience
        locker.execute("ROLLBACK")
        locker.close()
        assert host.result() == Code.SUCCESS


def test_a_read_only_store_lets_nobody_in(service, instance, mailbox):
    directory = instance.store.parent
    subprocess.run(["mount", "--bind", directory, directory], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", directory], check=True)
    try:
        with PamHost(service, ALICE) as host:
            assert host.begin("authenticate").result() in REFUSED
    finally:
        subprocess.run(["umount", "-l", directory], check=True)
    assert not mailbox.mails("")
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS


def test_a_full_disk_lets_nobody_in_and_forgets_no_attempt(service, instance, machine):
    place = machine.new_directory("small")
    place.mkdir()
    with small_filesystem(place, "size=1m,mode=0700", SERVICE_USER):
        for path in instance.store.parent.glob(instance.store.name + "*"):
            shutil.copy2(path, place)
            shutil.chown(place / path.name, SERVICE_USER, SERVICE_USER)
        instance.configure({"store": f"sqlite:{place / instance.store.name}"})
        with PamHost(service, ALICE) as host:
            host.begin("authenticate").prompt()
            with open(place / "ballast", "wb", buffering=0) as ballast:
                with contextlib.suppress(OSError):
                    while True:
                        ballast.write(b"\0" * 4096)
            assert host.answer("12345678").result() in REFUSED
        with PamHost(service, ALICE) as host:
            host.begin("authenticate")
            looked_at = 0
            while host.prompt_or_end() is not None:
                looked_at += 1
                host.answer("12345678")
            # What was written down before may be taken up, and whatever is counted is counted.
            assert host.last["code"] in (*REFUSED, Code.MAXTRIES) and looked_at <= 3
    assert not instance.session_files()


def secret_files(instance):
    return sorted(p for p in instance.keys.rglob("*") if p.is_file())


def test_a_missing_key_lets_nobody_in_and_is_not_made_anew(service, instance, mailbox, syslog):
    mark = syslog.mark()
    os.rename(instance.keys, f"{instance.keys}.gone")
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").result() in REFUSED
    syslog.wait_for("key", mark)
    assert not secret_files(instance) and not mailbox.mails("")


def test_keys_that_others_can_read_are_refused_by_name(service, instance, mailbox, syslog):
    mark = syslog.mark()
    for path in secret_files(instance):
        path.chmod(0o644)
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").result() in REFUSED
    _, line = syslog.wait_for("key|secret", mark)
    assert str(instance.keys) in line or "mode" in line or "chmod" in line
    assert not mailbox.mails("")


WRONG = {
    "no yaml": "{{{", "an unknown key": "isuer: https://x.example\n", "empty": "",
    "a list": "- 1\n", "a wrong type": "issuer: [1]\n", "a bomb": "a: &a [x,x]\nb: *a\n",
    "binary": "\x00\x01\x02"}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_configuration_is_a_service_error_and_says_where(
        service, instance, mailbox, syslog, text):
    mark = syslog.mark()
    instance.config.write_text(text)
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").result() == Code.SERVICE_ERR
        said = " ".join(text for _, text in host.messages)
        assert str(instance.config) not in said and "line" not in said
    syslog.wait_for(r"doorpost\.yaml", mark)
    assert not mailbox.mails("")


def test_a_missing_configuration_is_a_service_error(service, instance):
    instance.config.unlink()
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").result() == Code.SERVICE_ERR


def test_a_configuration_that_others_can_write_is_refused(service, instance, syslog):
    mark = syslog.mark()
    instance.config.chmod(0o666)
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").result() == Code.SERVICE_ERR
    syslog.wait_for(r"doorpost\.yaml", mark)


@pytest.mark.parametrize("account", ["root", "dpe-no-such-account"])
def test_an_account_that_cannot_be_dropped_to_is_a_service_error(service, instance, account):
    instance.configure({"run_as": account})
    with PamHost(service, ALICE) as host:
        assert host.begin("authenticate").result() == Code.SERVICE_ERR


def test_an_administrator_at_work_takes_nothing_from_the_helper(service, instance, mailbox):
    """Files that root's commands make must stay usable for the account of the helper."""
    for arguments in (("user", "list"), ("session", "list"), ("audit",), ("key", "list")):
        instance.run(*arguments)
    with PamHost(service, ALICE) as host:
        host.begin("authenticate").prompt()
        instance.run("user", "add", f"late-{instance.directory.name}@e2e.example")
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS
    for path in instance.store.parent.iterdir():
        assert path.owner() == SERVICE_USER or path == instance.config, path
