"""The stand-in for Amazon SES: what handlers ask for is what the relay gets, and nothing more."""

import email
import email.policy
import re

import pytest

from conftest import run

ALICE, LOGIN = "alice@example.org", "login@example.org"


def request(**more):
    return {"Source": LOGIN, "Destination": {"ToAddresses": [ALICE]},
            "Message": {"Subject": {"Data": "Code"}, "Body": {"Text": {"Data": "1234"}}}, **more}


def message(subject="Code", **bodies):
    return {"Subject": {"Data": subject},
            "Body": {kind: {"Data": data} for kind, data in (bodies or {"Text": "1234"}).items()}}


def send(peer, input, door="handler"):
    answer, = run(f"handlers/mails.js:{door}", {"input": input}, environment={"SMTP_URL": peer.url}).answers
    return answer


def envelope(peer):
    return re.findall(rb"^(?:MAIL FROM|RCPT TO):<(.*?)>\r\n", peer.heard(), re.MULTILINE)


def mail(peer):
    """The one mail that came, undone as a relay undoes it."""
    raw, = re.findall(rb"^DATA\r\n(.*?)^\.\r\n", peer.heard(), re.MULTILINE | re.DOTALL)
    assert not re.search(rb"[^\r]\n|\r[^\n]", raw), "a line end that is none"
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert max(map(len, re.findall(rb"=\?\S+\?=", raw)), default=0) <= 75  # RFC 2047
    raw = re.sub(rb"^\.", b"", raw, flags=re.MULTILINE)
    made = email.message_from_bytes(raw, policy=email.policy.default)
    assert not made.defects and not any(p.defects for p in made.walk())
    return made


def test_a_mail_as_it_was_asked_for(relay):
    peer = relay()
    answer = send(peer, {
        "Source": "Grüße & more <login@example.org>", "ReturnPath": "bounces@example.org",
        "Destination": {"ToAddresses": ["Alice <alice@example.org>", "ann@example.org"],
                        "CcAddresses": ['"Carol, C." <carol@example.org>'],
                        "BccAddresses": ["bob@example.org"]},
        "ReplyToAddresses": ["help@example.org"],
        "Message": message("Ihr Code für heute: " + "äöü€😀" * 20, Text="Grüße\n.\n..\n1234\n",
                           Html="<p>Grüße</p>" + "x" * 5000)})
    assert answer["$metadata"]["httpStatusCode"] == 200
    assert envelope(peer) == [b"bounces@example.org", b"alice@example.org", b"ann@example.org",
                              b"carol@example.org", b"bob@example.org"]
    made = mail(peer)
    assert made["Message-ID"].startswith(f"<{answer['MessageId']}@") and made["Date"].datetime
    assert made["Subject"] == "Ihr Code für heute: " + "äöü€😀" * 20
    assert [(a.display_name, a.addr_spec) for a in made["From"].addresses] == [("Grüße & more", LOGIN)]
    assert [(a.display_name, a.addr_spec) for a in made["To"].addresses] == \
        [("Alice", ALICE), ("", "ann@example.org")]
    assert [(a.display_name, a.addr_spec) for a in made["Cc"].addresses] == [("Carol, C.", "carol@example.org")]
    assert made["Reply-To"] == "help@example.org" and made["Bcc"] is None
    assert b"bob@" not in bytes(made)
    text, html = made.iter_parts()
    assert (text.get_content_type(), text.get_content()) == ("text/plain", "Grüße\n.\n..\n1234\n")
    assert (html.get_content_type(), html.get_content()) == ("text/html", "<p>Grüße</p>" + "x" * 5000)


@pytest.mark.parametrize("bodies, kind", [({"Text": "1"}, "text/plain"), ({"Html": "<b>1</b>"}, "text/html")])
def test_one_body_is_one_part(relay, bodies, kind):
    peer = relay()
    send(peer, request(Message=message(**bodies)))
    made = mail(peer)
    assert (made.get_content_type(), made.get_content()) == (kind, *bodies.values())


def test_by_callback(relay):
    peer = relay()
    assert send(peer, request(), "calledBack")["MessageId"] in mail(peer)["Message-ID"]


@pytest.mark.parametrize("door", ["raw", "rawBytes"])
def test_a_mail_that_is_written_already(relay, door):
    peer = relay()
    written = "Subject: Grüße\r\nTo: alice@example.org\r\n\r\n.\n..two\r\rlast"
    assert "MessageId" in send(peer, {"Source": LOGIN, "Destinations": [ALICE, "bob@example.org"],
                                      "RawMessage": {"Data": written}}, door)
    assert envelope(peer) == [LOGIN.encode(), ALICE.encode(), b"bob@example.org"]
    assert b"\r\n\r\n..\r\n...two\r\n\r\nlast\r\n.\r\n" in peer.heard()
    assert "Grüße".encode() in peer.heard()


def test_a_subject_that_looks_encoded_stays_what_it_is(relay):
    peer = relay()
    send(peer, request(Message=message("=?UTF-8?Q?Bcc:_eve?=")))
    assert mail(peer)["Subject"] == "=?UTF-8?Q?Bcc:_eve?="


@pytest.mark.parametrize("subject", [
    "x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\r\n\r\nbody", "=?UTF-8?Q?=0D=0ABcc:_eve?=",
    "\r\n.\r\nMAIL FROM:<eve@example.org>\r\n", "a\0b\x7f", "\ud800", "\u2028Bcc: eve@example.org"])
def test_a_subject_adds_no_header(relay, subject):
    peer = relay()
    send(peer, request(Message=message(subject)))
    assert envelope(peer) == [LOGIN.encode(), ALICE.encode()]
    raw, = re.findall(rb"^DATA\r\n(.*?)^\.\r\n", peer.heard(), re.MULTILINE | re.DOTALL)
    names = re.findall(rb"^([A-Za-z-]+):", raw.split(b"\r\n\r\n")[0], re.MULTILINE)
    assert sorted(names) == sorted([b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version",
                                    b"Content-Type", b"Content-Transfer-Encoding"])


BAD = ["", "alice", "alice@", "@example.org", "a b@example.org", "a@example.org, eve@example.org",
       "a@example.org\r\nBcc: eve@example.org", "a@example.org\nDATA", "a@example.org>\r\nRCPT TO:<eve@example.org",
       "<a@example.org> <eve@example.org>", "A\r\nBcc: eve@example.org <a@example.org>", "ä@example.org",
       "a@exämple.org", "a@example.org> SIZE=1", '"a b"@example.org', "a@example.org\0", "a" * 65 + "@example.org",
       "a@" + "b" * 260 + ".org", 7, None]


@pytest.mark.parametrize("address", BAD)
@pytest.mark.parametrize("change", [
    lambda a: {"Source": a}, lambda a: {"Destination": {"ToAddresses": [a]}},
    lambda a: {"Destination": {"ToAddresses": [ALICE], "BccAddresses": [a]}},
    lambda a: {"ReplyToAddresses": [a]}], ids=["from", "to", "bcc", "reply"])
def test_addresses_are_refused_not_repaired(relay, address, change):
    peer = relay()
    assert send(peer, request(**change(address)))["errorType"] == "InvalidParameterValue"
    assert peer.heard() == b""


@pytest.mark.parametrize("input", [
    request(Destination={}), request(Destination={"ToAddresses": []}), request(Message=None),
    request(Message={"Subject": {"Data": "x"}, "Body": {}}), request(Message={"Body": {"Text": {"Data": "x"}}}),
    request(Message=message(Text=7)), request(Message=message(7))])
def test_what_makes_no_mail(relay, input):
    peer = relay()
    assert send(peer, input)["errorType"] == "InvalidParameterValue"
    assert peer.heard() == b""


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data", "dot"])
def test_a_relay_that_refuses(relay, stage):
    peer = relay("--reply", f"{stage}=550 5.7.1 secret reason")
    answer = send(peer, request())
    assert answer == {"errorMessage": "The relay did not take the mail.", "errorType": "MessageRejected"}


def test_the_relays_reason_is_in_the_log(relay):
    peer = relay("--reply", "rcpt=550 5.1.1 no such mailbox")
    done = run("handlers/mails.js", {"input": request()}, environment={"SMTP_URL": peer.url})
    assert "relay: 550 5.1.1 no such mailbox" in done.stderr


@pytest.mark.parametrize("stage", ["greeting", "rcpt", "dot"])
def test_a_relay_that_hangs_up(relay, stage):
    answer = send(relay("--drop", stage), request())
    assert answer["errorType"] == "ServiceUnavailable"


def test_a_relay_that_says_nothing_is_left_before_the_trigger_is_ended(relay):
    answer = send(relay("--silent", "rcpt"), request())
    assert answer == {"errorMessage": "The relay does not answer.", "errorType": "TimeoutError"}


@pytest.mark.parametrize("url", ["smtps://127.0.0.1:25", "smtp://user:password@127.0.0.1:25", "http://127.0.0.1",
                                 "smtp://192.0.2.25:25", "smtp://127.0.0.1.example.org", "smtp://[2001:db8::1]"])
def test_a_relay_that_it_cannot_talk_to(url):
    answer, = run("handlers/mails.js", {"input": request()}, environment={"SMTP_URL": url}).answers
    assert answer["errorType"] == "InvalidParameterValue"
