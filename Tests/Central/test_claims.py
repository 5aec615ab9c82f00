"""What a host says of a sign-in is its word, whatever is in it: refused or made harmless, never a fault."""

import json

import pytest

from harness.people import ALICE

ODD = {
    "newlines": "sshd\r\nBcc: everybody@example.org\n\n.\n",
    "escapes": "\x1b]0;owned\x07\x1b[2J\x00\x7f\x9b31m",
    "bidi": "\u202e\u2066txt.exe\u2028\u2029",
    "quotes": "'\"; DROP TABLE hosts; --|known|console",
    "format": "%s%n%x{}${jndi:ldap://x}",
    "html": "<script>alert(1)</script>",
    "long": "x" * 10_000,
    "long and wide": "\U0001f600" * 3000,
    "path": "../../../../etc/shadow",
    "empty": "",
}
CONTROL = [chr(c) for c in (*range(9), 11, 12, *range(14, 32), 127, *range(128, 160), 0x202e, 0x2066,
                            0x2028)]


def is_clean(text):
    return not [c for c in CONTROL if c in text]


@pytest.mark.parametrize("member", ["service", "source", "tty"])
def test_odd_claims_are_kept_harmless(wire, center, mailbox, alice, member):
    mark = center.mark()
    for count, odd in enumerate(ODD.values(), 1):
        signs_in(wire(), mailbox, alice, count, {member: odd})
    assert len(center.logins()) == len(ODD)
    for event in center.audit():
        assert all(is_clean(str(v)) and len(str(v)) <= 1100 for v in event.values()), event
    for session in center.logins():
        assert all(is_clean(str(session[k])) for k in ("service", "source", "host")), session
    for shown in (center.run("audit").stdout, center.run("session", "list").stdout, center.said(mark)):
        assert is_clean(shown) and "\nBcc:" not in shown and " 500 " not in shown


def signs_in(web1, mailbox, alice, count, claims):
    said = web1.initiate(ALICE, **claims)
    assert said.status == 200 and said.json["outcome"] == "started", (claims, said)
    mail = mailbox.wait(alice, count)
    assert mail.keys() == [k for k in mail.keys() if k != "Bcc"]
    assert [str(a) for a in mail["To"].addresses] == [alice]
    assert is_clean(mail.get_body(("plain",)).get_content().replace("\r\n", "\n"))
    assert "<script" not in (mail.get_body(("html",)) or mail).get_content()
    signed = web1.verify(said.json["session"], mailbox.code(alice, count), **claims)
    assert signed.json["outcome"] == "signed_in", (claims, signed)


BODIES = {
    "no JSON": b"nonsense",
    "nothing": b"",
    "null": b"null",
    "list": b"[]",
    "text": b'"x"',
    "nested": b'{"host":{"a":"web1"},"login":"x","service":"s","source":"","tty":""}',
    "number for text": b'{"host":"web1","login":7,"service":"s","source":"","tty":""}',
    "null for text": b'{"host":"web1","login":null,"service":"s","source":"","tty":""}',
    "truth for text": b'{"host":"web1","login":true,"service":"s","source":"","tty":""}',
    "host is a number": b'{"host":1,"login":"x","service":"s","source":"","tty":""}',
    "twice": b'{"host":"db1","host":"web1","login":"x","service":"s","source":"","tty":""}',
    "missing": b'{"host":"web1"}',
    "no UTF-8": b'{"host":"web1","login":"\xff\xfe","service":"s","source":"","tty":""}',
    "half a pair": rb'{"host":"web1","login":"\ud800","service":"s","source":"","tty":""}',
    "raw newline": b'{"host":"web1","login":"a\nb","service":"s","source":"","tty":""}',
    "deep": b'{"host":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "64 KiB": json.dumps({"host": "web1", "login": "x", "service": "s" * 65536, "source": "",
                          "tty": ""}).encode(),
}


@pytest.mark.parametrize("path", ["initiate", "verify", "account", "session", "end-session", "token"])
def test_what_is_no_question_is_refused_by_what_is_wrong_with_it(wire, center, mailbox, path):
    mark = center.mark()
    for kind, body in BODIES.items():
        said = wire().send(path, body)
        assert 400 <= said.status < 500, (kind, said)
        assert said.json["error"] in ("invalid_request", "body_too_large", "host_mismatch"), (kind, said)
    said = wire().send(path, BODIES["missing"], **{"Content-Type": "text/plain"})
    assert said.status == 415
    assert " 500 " not in center.said(mark) and not mailbox.mails()


def test_odd_answers_are_wrong_ones(wire, mailbox, alice):
    web1 = wire()
    for count, otp in enumerate(("", " ", "1" * 10_000, "\x00", "１２３４５６７８", "1234\n5678", "-1", "%n",
                                 "\U0001f600"), 1):
        session = web1.initiate(ALICE).json["session"]
        said = web1.verify(session, otp)
        assert said.status == 200 and said.json["outcome"] == "wrong", (otp, said)
        code = mailbox.code(alice, count)
        assert web1.verify(session, code).json["outcome"] == "signed_in"


def test_odd_sessions_are_unknown(wire):
    web1 = wire()
    for session in ("", "x", "A" * 200, "../..", "\x00", "\n", "%s", "a" * 9000):
        assert web1.verify(session, "12345678").json["outcome"] == "unknown", session
        assert web1.session(session).json["state"] == "unknown", session
        assert web1.end_session(session).json["state"] == "unknown", session


def test_odd_names_are_strangers(wire, mailbox, alice):
    web1 = wire()
    for login in ("", "root\n", "-x", "a" * 9000, "\x1b[2J", f"{ALICE} ", alice, ALICE.upper(),
                  "\U0001f600"):
        said = web1.initiate(login)
        assert said.status == 200 and said.json["outcome"] == "started", (login, said)
        for left in (2, 1):
            assert web1.verify(said.json["session"], "12345678").json["attempts_left"] == left
        last = web1.verify(said.json["session"], "12345678")
        assert last.json["outcome"] == "tries_used_up", (login, last)
        assert web1.account(login).json["state"] == "not_enrolled", login
    assert not mailbox.mails()


def test_other_methods_are_refused(wire):
    for method in ("GET", "PUT", "OPTIONS", "DELETE"):
        assert wire().send("initiate", {}, method=method).status == 405, method


def test_known_and_unknown_names_have_answers_of_one_length(wire):
    def lengths(login):
        web1 = wire()
        said = web1.initiate(login)
        answers = [said, *(web1.verify(said.json["session"], "12345678") for _ in range(3))]
        return [len(a.raw) for a in answers], [sorted(a.json) for a in answers], \
            [a.json["outcome"] for a in answers]

    member, stranger = lengths(ALICE), lengths("dpe-nobod")
    assert member == stranger
    assert member[2] == ["started", "wrong", "wrong", "tries_used_up"]
