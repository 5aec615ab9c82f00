"""People sign in on machines that ask a center: ssh, sudo, pamtester. The center mails the codes, signs
the sessions, and ends them."""

import base64
import json

import pytest

from harness.mailbox import other_than, text_of
from harness.pam import Code
from harness.people import ALICE, BOB, CAROL
from harness.terminal import as_user, without_times
from machines import until
from network import SWITCH


def claims_of(file):
    part = file.read_text().split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("name", ["web1", "web2", "db1"])
def test_ssh_lets_in_with_the_code_that_the_center_mailed(hosts, center, mailbox, alice, name):
    host = hosts[name]
    terminal = host.sshd().ssh(ALICE)
    terminal.asks_for_code()
    terminal.types(mailbox.code(alice))
    assert terminal.shell("id -un; hostname") == f"{ALICE}\n{name}"
    file, = host.session_files()
    claims = claims_of(file)
    assert claims["aud"] == f"host:{name}" and claims["host"] == name
    assert claims["rhost"] == SWITCH
    session, = center.logins()
    assert session["host"] == name and session["id"] == file.stem
    assert session["source"] == SWITCH and session["service"] == "sshd"
    terminal.types("exit")
    assert terminal.ends() == 0
    until(lambda: not host.session_files())
    assert center.logins() == []


def test_three_hosts_have_three_sessions_at_the_center(hosts, center, mailbox, alice):
    terminals = []
    for count, (name, host) in enumerate(hosts.items(), 1):
        terminals.append(host.sshd().ssh(ALICE))
        terminals[-1].asks_for_code()
        terminals[-1].types(mailbox.code(alice, count))
        assert terminals[-1].shell("hostname") == name
    assert {s["host"] for s in center.logins()} == set(hosts)
    listed = center.run("session", "list").stdout
    assert all(name in listed for name in hosts)
    for name, mail in zip(hosts, mailbox.mails(alice)):
        assert f"sshd on {name}" in text_of(mail)


def test_pamtester_signs_in_and_out_at_the_center(web1, center, mailbox, alice):
    terminal = web1.terminal("pamtester", web1.service(), ALICE, "authenticate", "acct_mgmt",
                             "setcred(PAM_ESTABLISH_CRED)", "open_session", "close_session")
    terminal.asks_for_code()
    terminal.types(mailbox.code(alice))
    for said in ("successfully authenticated", "account management done", "successfully opened",
                 "session has successfully been closed"):
        terminal.sees(said)
    assert terminal.ends() == 0
    assert not web1.session_files() and not center.logins()
    assert [e["host"] for e in center.audit("signed_in")] == ["web1"]


def test_sudo_lets_in_with_the_code_of_who_asks(web1, center, mailbox, alice):
    rules = web1.machine.etc / "sudoers.d/fleet"
    rules.write_text(f"{ALICE} ALL=(ALL) ALL\nDefaults !lecture\nDefaults timestamp_timeout=0\n")
    rules.chmod(0o440)
    web1.with_stack("sudo", "doorpost-only")
    terminal = web1.terminal("/usr/bin/sudo", "id", "-un", become=as_user(ALICE))
    terminal.asks_for_code()
    assert "sudo" in text_of(mailbox.wait(alice)) and "web1" in text_of(mailbox.wait(alice))
    terminal.types(mailbox.code(alice))
    terminal.sees(r"root\r\n")
    assert terminal.ends() == 0
    until(lambda: not center.logins())


def test_wrong_codes_are_counted_at_the_center(web1, center, mailbox, alice):
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        wrong = other_than(mailbox.code(alice))
        pam.answer(wrong).prompt()
        pam.answer(wrong).prompt()
        assert pam.answer(wrong).result() == Code.MAXTRIES
    assert [(e["kind"], e["host"]) for e in center.audit()
            if e["kind"] in ("code_wrong", "tries_used_up")] == \
        [("code_wrong", "web1")] * 2 + [("tries_used_up", "web1")]
    assert not web1.session_files() and not center.logins()


def test_a_host_keeps_no_pool_and_mails_nobody(web1, mailbox, alice):
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        assert pam.answer(mailbox.code(alice)).result() == Code.SUCCESS
    kept = {p.name for p in web1.place.rglob("*")}
    assert kept == {"doorpost.yaml", "host-key"}


def test_who_is_disabled_at_the_center_is_kept_out_everywhere(hosts, center):
    center.run("user", "disable", ALICE)
    for host in hosts.values():
        with host.pam(ALICE) as pam:
            assert pam.call("acct_mgmt") == Code.ACCT_EXPIRED
        with host.pam(BOB) as pam:
            assert pam.call("acct_mgmt") == Code.SUCCESS
        with host.pam(CAROL) as pam:  # passed by; alone in its stack, that lets nobody in
            assert pam.call("acct_mgmt") == Code.PERM_DENIED


def test_a_session_that_the_center_revoked_is_over_there(web1, center, mailbox, alice, wire):
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        pam.answer(mailbox.code(alice)).result()
        file, = web1.session_files()
        assert wire().session(file.stem).json["state"] == "live"
        assert web1.doorpost("token", "verify", file, "--online").returncode == 0
        center.run("session", "revoke", file.stem)
        assert wire().session(file.stem).json["state"] == "revoked"
        refused = web1.doorpost("token", "verify", file, "--online")
        assert refused.returncode == 1 and "revoked" in refused.stdout + refused.stderr
        # The host's close does not mind.
        assert pam.call("close_session") == Code.SUCCESS
    assert not web1.session_files()


def seen_by(host, proxy, user):
    """What somebody sees who answers wrongly to the end, and the lengths on the wire."""
    before = len(proxy.answers)
    with host.pam(user, items={"rhost": "192.0.2.7"}) as pam:
        pam.begin("authenticate").prompt()
        pam.answer("12345678").prompt()
        pam.answer("12345678").prompt()
        pam.answer("12345678").result()
        seen = [(style, without_times(text).replace(user, "USER")) for style, text in pam.messages]
    until(lambda: len(proxy.answers) == before + 4)
    return seen, proxy.answers[before:]


def test_who_is_not_in_the_pool_sees_and_sends_what_a_member_does(
        fleet, web1, keys, proxy, mailbox):
    web1.ask(keys["web1"], fleet.authority.file, proxy=proxy.url)
    assert len(ALICE) == len(CAROL)
    member, stranger = seen_by(web1, proxy, ALICE), seen_by(web1, proxy, CAROL)
    assert member[0] == stranger[0]
    assert member[1] == stranger[1] and all(member[1])
    assert all(ALICE in mail["To"] for mail in mailbox.mails())
