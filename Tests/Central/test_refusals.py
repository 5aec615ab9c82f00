"""Who is refused: hosts that are not, or no longer, what they say, and centers that are not. Each refusal
is in the log of both sides."""

import os
import re
import shutil
import subprocess

import pytest

from authority import NAME, Authority
from harness.instance import BIN
from harness.mailbox import other_than
from harness.pam import Code, PamHost
from harness.people import ALICE


def denied(host, said):
    """Nobody comes in, and the host's log has why."""
    mark, files = host.syslog.mark(), host.session_files()
    with host.pam(ALICE) as pam:
        code = pam.call("authenticate")
        told = str(pam.messages)
    assert code != Code.SUCCESS and host.session_files() == files
    host.syslog.wait_for(said, mark)
    assert "dph_" not in "\n".join(host.syslog.lines(mark)) and "dph_" not in told
    return code


# Hosts.

def test_a_revoked_host_is_refused_at_once(hosts, center, keys, mailbox, alice):
    with hosts["web1"].pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        code, mark = mailbox.code(alice), center.mark()
        center.run("host", "revoke", "web1")
        host_mark = hosts["web1"].syslog.mark()
        assert pam.answer(code).result() == Code.AUTHINFO_UNAVAIL
        hosts["web1"].syslog.wait_for("refuses this host: host_revoked", host_mark)
    center.says("host web1 is revoked", mark)
    assert denied(hosts["web1"], "refuses this host: host_revoked") == Code.AUTHINFO_UNAVAIL
    refusals = center.audit("host_refused")
    assert {e["host"] for e in refusals} == {"web1"} and "revoked" in refusals[0]["detail"]
    assert len(mailbox.mails()) == 1 and not center.logins()
    # The others go on.
    with hosts["db1"].pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        assert pam.answer(mailbox.code(alice, 2)).result() == Code.SUCCESS


def test_a_revoked_host_may_have_another_credential(web1, center, keys, fleet, mailbox, alice):
    center.run("host", "revoke", "web1")
    denied(web1, "refuses this host")
    web1.set_key(center.enroll("web1"))
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        assert pam.answer(mailbox.code(alice)).result() == Code.SUCCESS
    web1.set_key(keys["web1"])
    denied(web1, "refuses this host: host_revoked")


def test_the_credential_of_one_host_is_good_on_no_other(hosts, center, keys, mailbox):
    hosts["db1"].set_key(keys["web1"])
    mark = center.mark()
    assert denied(hosts["db1"], "refuses this host: host_mismatch") == Code.AUTHINFO_UNAVAIL
    center.says("host web1 asked for logins on db1", mark)
    refusal, = center.audit("host_refused")
    assert refusal["host"] == "web1" and "db1" in refusal["detail"]
    assert refusal["source"] == hosts["db1"].machine.address
    assert not mailbox.mails()


def test_a_host_that_names_another_is_refused(wire, center, mailbox):
    web1, names = wire(), ("db1", "WEB1", "web1 ", "web1.", "", "web1\n", "w\u0435b1")
    for name in names:
        mark = center.mark()
        for said in (web1.initiate(ALICE, host=name), web1.account(ALICE, host=name),
                     web1.verify("x", "12345678", host=name), web1.session("x", host=name),
                     web1.end_session("x", host=name),
                     web1.send("token", {"host": name, "token": "x"})):
            assert (said.status, said.json["error"]) == (403, "host_mismatch"), (name, said)
        center.says("host web1 asked for logins on", mark)
    assert len(center.audit("host_refused")) == 6 * len(names)
    assert not mailbox.mails()


def forged(keys):
    prefix, identity, secret = keys["web1"].split("_")
    other = keys["db1"].split("_")
    return {"unknown id": f"{prefix}_{'a' * 12}_{secret}",
            "wrong secret": f"{prefix}_{identity}_{'a' * 50}",
            "one letter": f"{prefix}_{identity}_{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}",
            "another's secret": f"{prefix}_{identity}_{other[2]}"}


@pytest.mark.parametrize("kind", ["unknown id", "wrong secret", "one letter", "another's secret"])
def test_a_forged_credential_is_refused(web1, center, keys, mailbox, kind):
    web1.set_key(forged(keys)[kind])
    mark = center.mark()
    assert denied(web1, "refuses this host: host_unknown") == Code.AUTHINFO_UNAVAIL
    line = center.says("a forged host credential", mark)
    assert web1.machine.address in line and "dph_" not in line
    # Who has no credential of ours writes nothing into the audit trail.
    assert not center.audit("host_refused") and not mailbox.mails()


def test_all_forged_credentials_look_the_same_to_who_tries_them(wire, keys):
    assert len({wire(key=key).account(ALICE) for key in forged(keys).values()}) == 1


def test_without_a_credential_there_is_nothing(wire):
    web1 = wire()
    question = {"host": "web1", "login": ALICE, "service": "s", "source": "", "tty": "", "otp": "1",
                "session": "x", "token": "x"}
    for authorization in ("", "Bearer", "Bearer dph_", "Basic YTpi", "Bearer " + "a" * 4000,
                          "Bearer dph_" + "A" * 12 + "_" + "b" * 50):
        for path in ("initiate", "verify", "account", "session", "end-session", "token"):
            said = web1.send(path, question, Authorization=authorization)
            assert (said.status, said.json["error"]) == (401, "host_unknown"), authorization


@pytest.mark.parametrize("content", ["", "nonsense", "dph_short_key", "dph_" + "a" * 12])
def test_a_file_that_holds_no_credential_is_a_wrong_configuration(web1, content):
    web1.set_key(content)
    assert denied(web1, "host-key.*(credential|empty)") != Code.AUTHINFO_UNAVAIL


def test_a_credential_that_others_can_read_is_not_used(web1, center):
    web1.key_file.chmod(0o644)
    denied(web1, "host-key")
    assert not center.audit("code_requested")


# One host and another's sign-ins.

def test_a_challenge_of_one_host_is_answered_through_no_other(wire, center, mailbox, alice):
    web1 = wire("web1")
    session = web1.initiate(ALICE).json["session"]
    code = mailbox.code(alice)
    for other in ("web2", "db1"):
        for guess in (code, other_than(code)):
            assert wire(other).verify(session, guess).json["outcome"] == "unknown"
    assert not center.logins()
    # It cost no attempt: three are left.
    for left in (2, 1):
        assert web1.verify(session, other_than(code)).json["attempts_left"] == left
    assert web1.verify(session, code).json["outcome"] == "signed_in"


def test_nor_for_another_service(wire, mailbox, alice):
    session = wire().initiate(ALICE, service="sshd").json["session"]
    code = mailbox.code(alice)
    assert wire().verify(session, code, service="sudo").json["outcome"] == "unknown"
    assert wire().verify(session, code).json["outcome"] == "signed_in"


def test_a_session_of_one_host_is_neither_seen_nor_ended_by_another(
        wire, center, mailbox, alice):
    web1, db1 = wire("web1"), wire("db1")
    handle = web1.initiate(ALICE).json["session"]
    session = web1.verify(handle, mailbox.code(alice)).json["signed_in"]["session"]
    nothing = db1.session("A" * len(session))
    assert nothing.json["state"] == "unknown"
    assert db1.session(session) == nothing and db1.end_session(session) == nothing
    assert web1.session(session).json["state"] == "live"
    assert [s["host"] for s in center.logins()] == ["web1"]
    assert web1.end_session(session, reason="line\nbreak\x1b[31m").json["state"] == "revoked"
    assert not center.logins()
    ended = center.run("audit").stdout
    assert "\x1b" not in ended and "line\nbreak" not in ended


def test_a_session_of_the_web_is_no_hosts_business(wire, center, fleet, mailbox, alice):
    handle = wire().send("/auth/initiate", {"email": alice}).json["session"]
    assert wire().send(
        "/auth/verify", {"session": handle, "otp": mailbox.code(alice)}).status == 200
    login, = center.logins()
    assert wire().session(login["id"]).json["state"] == "unknown"
    assert wire().end_session(login["id"]).json["state"] == "unknown"
    assert center.logins()


# Centers.

@pytest.fixture(scope="module")
def certificates(fleet):
    stranger = Authority(fleet.base / "stranger")
    return {"another name": fleet.authority.certificate("other-name", "login.example"),
            "another authority": stranger.certificate("center"),
            "expired": fleet.authority.certificate("expired", until="20210101000000Z"),
            "not yet valid": fleet.authority.certificate("early", since="20980101000000Z")}


@pytest.mark.parametrize("kind", ["another name", "another authority", "expired", "not yet valid"])
def test_a_center_whose_certificate_is_wrong_is_told_nothing(
        web1, center, certificates, fleet, mailbox, kind):
    cert, key = certificates[kind]
    http = center.read_config()["http"]
    center.restart(http={"tls_certificate": str(cert), "tls_key": str(key)})
    mark = center.mark()
    assert denied(web1, r"(?i)gave no answer: .*(certificate|SSL|subject)") == \
        Code.AUTHINFO_UNAVAIL
    assert not center.audit("code_requested") and not mailbox.mails()
    assert "/host/" not in center.said(mark)
    if kind != "another name":  # libcurl looks at the name when the handshake is over
        assert web1.machine.address in center.says("TLS handshake failed", mark)
    center.restart(http=http)
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()


def test_the_systems_authorities_are_asked_where_none_is_named(web1, keys, fleet, center):
    web1.config.write_text(web1.config.read_text().replace("ca_file:", "#"))
    assert denied(web1, "(?i)certificate") == Code.AUTHINFO_UNAVAIL
    # As update-ca-certificates does it.
    digest = subprocess.run(["openssl", "x509", "-noout", "-hash", "-in", fleet.authority.file],
                            capture_output=True, text=True, check=True).stdout.strip()
    installed = web1.machine.etc / f"ssl/certs/{digest}.0"
    shutil.copy(fleet.authority.file, installed)
    try:
        with web1.pam(ALICE) as pam:
            pam.begin("authenticate").prompt()
    finally:
        installed.unlink()


@pytest.mark.parametrize("url", [
    f"http://{NAME}", "http://10.77.0.2:443", "http://127.login.test", "http://127.0.0.1.test",
    "http://localhost.test", "http://127.1.example", "ftp://127.0.0.1", f"https://{NAME}/"])
def test_what_is_not_https_is_refused_by_the_configuration(fleet, web1, keys, url):
    web1.ask(keys["web1"], fleet.authority.file, url)
    checked = web1.doorpost("config", "check")
    assert checked.returncode != 0 and "url" in checked.stdout + checked.stderr
    assert denied(web1, "url") not in (Code.SUCCESS, Code.AUTHINFO_UNAVAIL)


PROXIES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


def test_the_environment_names_no_proxy(web1, proxy):
    """To the helper, which is given no environment, nor to a command, which is."""
    environment = {name: proxy.url for name in PROXIES}
    with PamHost(web1.service(), ALICE, env=environment, preexec_fn=web1.machine.inside) as pam:
        pam.begin("authenticate").prompt()
    done = web1.machine.run(BIN / "doorpost", "doctor", "--config", web1.config, check=False,
                            env={**os.environ, **environment})
    assert re.search(f"ok +server +https://{NAME} answers", done.stdout), done
    assert not proxy.targets


def test_the_configurations_proxy_is_used(fleet, web1, keys, proxy, mailbox, alice):
    """The host itself cannot reach the center, nor find its name."""
    web1.machine.resolve({})
    web1.machine.swallow(fleet.center.address)
    web1.ask(keys["web1"], fleet.authority.file, proxy=proxy.url)
    with web1.pam(ALICE) as pam:
        pam.begin("authenticate").prompt()
        assert pam.answer(mailbox.code(alice)).result() == Code.SUCCESS
        assert pam.call("close_session") == Code.SUCCESS
    assert set(proxy.targets) == {f"CONNECT {NAME}:443"} and len(proxy.targets) == 3


def test_a_proxy_that_refuses_or_is_gone_lets_nobody_in(fleet, web1, keys, proxy):
    proxy.names = {}
    web1.ask(keys["web1"], fleet.authority.file, proxy=proxy.url)
    assert denied(web1, "gave no answer") == Code.AUTHINFO_UNAVAIL
    proxy.stop()
    assert denied(web1, "gave no answer") == Code.AUTHINFO_UNAVAIL
