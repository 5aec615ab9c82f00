"""Packages are installed and services started in layers and namespaces, which takes root."""

import fcntl
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = (ROOT / "VERSION").read_text().strip()


def pytest_configure(config):
    if os.geteuid() != 0:
        pytest.exit("the packaging tests need root: scripts/test-outside runs them", 2)


def build(place, **settings):
    missing = [name for name in ("doorpost", "doorpost-pam", "pam_doorpost.so")
               if not (ROOT / ".build/release" / name).exists()]
    assert not missing, f"not built: {missing}; run `make build`"
    done = subprocess.run([str(ROOT / "scripts/deb")], capture_output=True, text=True,
                          env={**os.environ, "DEB_DIR": str(place), **settings})
    assert done.returncode == 0, done.stdout + done.stderr
    return pathlib.Path(done.stdout.strip())


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    """`built_once(VERSION)` is that version's package, which all workers share."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def get(version):
        with open(shared / f"deb-{version}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            place = shared / f"deb-{version}"
            made = list(place.glob("*.deb"))
            return made[0] if made else build(place, VERSION=version)

    return get


@pytest.fixture(scope="session")
def package(built_once):
    return built_once(VERSION)


@pytest.fixture(scope="session")
def newer(built_once):
    return built_once(f"{VERSION}+1")
