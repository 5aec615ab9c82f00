"""`doorpost init`: what it makes, with which permissions, and what it refuses."""

import os
import stat
import subprocess

import pytest
from conftest import Instance, doorpost

MODES = {
    "": 0o711, "doorpost.yaml": 0o600, "doorpost.db": 0o600, "doorpost.db.lock": 0o600,
    "keys": 0o700, "keys/secret.key": 0o600, "outbox": 0o700, "sessions": 0o711,
}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_permissions_whatever_the_umask(place, umask):
    assert doorpost("init", str(place / "it"), umask=umask).code == 0
    found = {}
    for top, directories, files in os.walk(place / "it"):
        for name in [""] + directories + files:
            path = os.path.join(top, name)
            key = os.path.relpath(path, place / "it").replace(".", "", 1) if path else ""
            found[os.path.relpath(path, place / "it")] = stat.S_IMODE(os.stat(path).st_mode)
    found[""] = found.pop(".")
    keys = [name for name in found if name.startswith("keys/") and name != "keys/secret.key"]
    assert keys and all(found.pop(name) == 0o600 for name in keys)
    assert found == MODES


def test_the_instance_is_right(instance):
    assert instance("config", "check").code == 0
    shown = instance("config", "show", "--json").json
    assert shown["issuer"] == "http://127.0.0.1:8425"
    assert shown["store"] == f"sqlite:{instance.path}/doorpost.db"
    assert [key["state"] for key in instance("key", "list", "--json").json] == ["signing"]


def test_it_can_be_moved(alice, place):
    alice.path.rename(place / "elsewhere")
    moved = Instance(place / "elsewhere")
    assert [user["email"] for user in moved("user", "list", "--json").json] == ["alice@example.org"]


def test_values_reach_the_file(place):
    done = doorpost(
        "init", str(place / "it"), "--issuer", "https://a.example/x", "--from", "Ä \\ b <l@a.example>")
    assert done.code == 0, done
    shown = Instance(place / "it")("config", "show", "--json").json
    assert shown["issuer"] == "https://a.example/x"
    assert shown["mail"]["from"] == "Ä \\ b <l@a.example>"


@pytest.mark.parametrize("values", [
    ("--issuer", "ftp://x"), ("--issuer", "https://x\nrun_as: root"), ("--from", "nobody"),
    ("--from", 'a"\nrun_as: root <a@b.c>'), ("--from", "a@b.c,d@e.f"),
])
def test_wrong_values_make_nothing(place, values):
    result = doorpost("init", str(place / "it"), *values)
    assert result.code == 2, result
    assert not (place / "it").exists()


def test_a_second_init_is_refused(alice):
    before = (alice.path / "keys/secret.key").read_bytes()
    result = doorpost("init", str(alice.path))
    assert result.code == 1
    assert "holds doorpost.yaml already" in result.err
    assert (alice.path / "keys/secret.key").read_bytes() == before


@pytest.mark.parametrize("part", ["doorpost.db", "keys", "outbox", "sessions"])
def test_so_is_one_over_half_an_instance(place, part):
    (place / "it" / part).mkdir(parents=True)
    result = doorpost("init", str(place / "it"))
    assert result.code == 1 and f"holds {part} already" in result.err
    assert not (place / "it/doorpost.yaml").exists()


def test_no_place_for_it(place):
    result = doorpost("init", str(place / "no/such"))
    assert result.code == 74 and "No such file" in result.err


def test_no_root_is_needed(place):
    os.chmod(place, 0o777)
    done = doorpost("init", str(place / "it"), user="nobody")
    assert done.code == 0, done
    assert doorpost("user", "list", "--config", str(place / "it/doorpost.yaml"), user="nobody").code == 0
