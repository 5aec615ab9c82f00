"""The profile for Debian's pam-auth-update: off until asked for, and gone without a trace.

pam-auth-update compares what it wrote with what it finds, and understands one jump a line and
no pam_deny of ours: a profile with more looks to it like an administrator's own change, and
would then never be removed.
"""

import os
import pathlib
import re
import subprocess

import pytest

from harness.instance import REPOSITORY
from harness.pam import Code, PamHost
from harness.people import ALICE, BOB, CAROL, PASSWORDS

PROFILES = pathlib.Path("/usr/share/pam-configs")  # ours: see harness/world.py
COMMON = ("common-auth", "common-account", "common-session", "common-session-noninteractive")


def pam_auth_update(*arguments):
    subprocess.run(["pam-auth-update", "--package", *arguments], check=True, capture_output=True,
                   env={"PATH": os.environ["PATH"], "DEBIAN_FRONTEND": "noninteractive"})


def common():
    return {name: pathlib.Path("/etc/pam.d", name).read_text() for name in COMMON}


@pytest.fixture
def profile(services, instance):
    """Our profile as a package installs it, with the paths of this instance."""
    text = (REPOSITORY / "packaging/pam-configs/doorpost").read_text()
    place = PROFILES / "doorpost"
    place.write_text(instance.equip(text))
    yield place
    pam_auth_update("--remove", "doorpost")
    place.unlink(missing_ok=True)


@pytest.fixture
def enabled(profile, services):
    pam_auth_update("--enable", "doorpost")
    return services.write("doorpost-e2e", "".join(f"@include {name}\n" for name in COMMON[:3]))


def test_installing_the_profile_changes_no_login_path(profile):
    before = common()
    pam_auth_update()
    assert common() == before
    assert not any("doorpost" in text for text in before.values())


def test_removing_the_profile_brings_back_what_was_there(profile):
    pam_auth_update()
    before = common()
    pam_auth_update("--enable", "doorpost")
    assert "pam_doorpost.so" in common()["common-auth"]
    assert "pam_doorpost.so" not in common()["common-session-noninteractive"]
    pam_auth_update("--remove", "doorpost")
    assert common() == before


@pytest.mark.parametrize("fresh", [False, True], ids=["same-handle", "fresh-handle"])
def test_with_the_profile_a_member_comes_in_by_code(enabled, instance, mailbox, fresh):
    with PamHost(enabled, ALICE) as host:
        assert "code" in host.begin("authenticate").prompt().lower()
        assert host.answer(mailbox.code(instance.emails[ALICE])).result() == Code.SUCCESS
        assert host.call("acct_mgmt") == Code.SUCCESS
        if fresh:
            host.fresh_handle()
        assert host.call("setcred") == Code.SUCCESS
        assert host.call("open_session") == Code.SUCCESS
        assert host.call("close_session") == Code.SUCCESS
        assert host.call("setcred", flags=0x4) == Code.SUCCESS
    assert not instance.session_files()


@pytest.mark.parametrize("who", [CAROL, "root"])
@pytest.mark.parametrize("fresh", [False, True], ids=["same-handle", "fresh-handle"])
def test_with_the_profile_others_come_in_by_password(enabled, mailbox, who, fresh):
    with PamHost(enabled, who) as host:
        assert "assword" in host.begin("authenticate").prompt()
        assert host.answer(PASSWORDS[who]).result() == Code.SUCCESS
        assert host.call("acct_mgmt") == Code.SUCCESS
        if fresh:
            host.fresh_handle()
        assert host.call("setcred") == Code.SUCCESS
    assert not mailbox.mails()


def test_with_the_profile_wrong_codes_are_denied_and_the_password_does_not_help(enabled):
    with PamHost(enabled, BOB) as host:
        host.begin("authenticate")
        for _ in range(3):
            assert "code" in host.prompt().lower()
            host.answer(PASSWORDS[BOB])
        assert host.result() == Code.MAXTRIES


@pytest.mark.parametrize("broken", ["configuration", "store", "helper"])
def test_with_the_profile_root_comes_in_whatever_is_broken(profile, services, instance, broken):
    if broken == "helper":
        profile.write_text(re.sub(r"helper=\S+", "helper=/nonexistent", profile.read_text()))
    pam_auth_update("--enable", "doorpost")
    service = services.write("doorpost-e2e", "".join(f"@include {n}\n" for n in COMMON[:3]))
    if broken == "configuration":
        instance.config.write_text("[nonsense")
    elif broken == "store":
        instance.store.write_bytes(b"nonsense" * 4096)
    with PamHost(service, "root") as host:
        assert "assword" in host.begin("authenticate").prompt()
        assert host.answer(PASSWORDS["root"]).result() == Code.SUCCESS
        assert host.call("acct_mgmt") == Code.SUCCESS
        assert host.call("setcred") == Code.SUCCESS
