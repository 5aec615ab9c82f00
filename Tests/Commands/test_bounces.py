"""`doorpost mail bounce`, and where bounces are shown."""

import glob
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest
from conftest import BINARY, ROOT, Instance, doorpost

BOUNCES = ROOT / "Tests/Support/bounces"
MAIL = "00112233445566778899aabbccddeeff"


def mailed(instance, who, mail, **more):
    """What is left of a mail of a code a while after it was sent: its record in the trail."""
    record(instance, instance("user", "show", who, "--json", **more).json["id"], mail)


def record(instance, user, mail):
    with closing(sqlite3.connect(instance.path / "doorpost.db")) as database, database:
        database.execute(
            "INSERT INTO audit (at, kind, user_id, door, service, host, source, detail)"
            " VALUES (?, 'code_requested', ?, 'pam', 'sshd', 'wks1', '', ?)",
            (int(time.time() * 1000), user, f"mail {mail}"))


def bounce(name, **more):
    return {"stdin": (BOUNCES / name).read_bytes(), **more}


@pytest.fixture
def fred(alice):
    """A user to whom a mail was sent from which postfix.dsn tells."""
    result = alice("user", "add", "alice@refused.example", "--login", "fred")
    assert result.code == 0, result
    mailed(alice, "fred", MAIL)
    return alice


def test_a_bounce_is_marked_shown_and_cleared(fred):
    assert fred("user", "show", "fred", "--json").json["bounced_at"] is None
    result = fred("mail", "bounce", **bounce("postfix.dsn"))
    assert result.code == 0 and result.err == "", result
    said = "alice@refused.example: no code is mailed there any more: 550 5.1.1"
    assert result.out.startswith(said)

    user = fred("user", "show", "fred", "--json").json
    assert user["bounced_at"].endswith("Z") and "User unknown" in user["bounce_reason"]
    assert "came back" in fred("user", "show", "fred").out
    rows = [line for line in fred("user", "list").out.splitlines() if " bounced " in line]
    assert len(rows) == 1 and "alice@refused.example" in rows[0]
    [entry] = fred("mail", "queue", "--json").json
    assert set(entry) == {"id", "state", "user_id", "email", "created_at", "expires_at", "tries",
                          "last_try_at", "retry_at", "last_answer"}
    assert (entry["state"], entry["email"]) == ("bounced", "alice@refused.example")
    assert entry["last_try_at"] == user["bounced_at"] and "User unknown" in entry["last_answer"]
    assert "User unknown" in fred("mail", "queue").out
    [record] = fred("audit", "--user", "fred", "--json").json[-1:]
    assert record["kind"] == "mail_bounced" and MAIL in record["detail"]
    [finding] = [f for f in fred("doctor", "--json").json if f["name"] == "bounces"]
    assert finding["state"] == "warning" and "1 user came back" in finding["what"]
    assert "--clear-bounce" in finding["remedy"]

    result = fred("user", "set", "fred", "--clear-bounce")
    assert result.code == 0 and result.out == "alice@refused.example: mail works again\n"
    assert fred("user", "show", "fred", "--json").json["bounced_at"] is None
    assert fred("mail", "queue", "--json").json == []
    assert [f for f in fred("doctor", "--json").json if f["name"] == "bounces"] == []
    assert "nothing was changed" in fred("user", "set", "fred", "--clear-bounce").out


def test_another_address_is_another_chance(fred):
    fred("mail", "bounce", **bounce("postfix.dsn"))
    assert fred("user", "set", "fred", "--name", "Fred").code == 0
    assert fred("user", "show", "fred", "--json").json["bounced_at"] is not None
    assert fred("user", "set", "fred", "--email", "fred@example.net").code == 0
    assert fred("user", "show", "fred", "--json").json["bounced_at"] is None
    # The old address' late bounces say nothing of the new one.
    result = fred("mail", "bounce", **bounce("postfix.dsn"))
    assert result.code == 0 and "nothing was changed" in result.err
    assert fred("user", "show", "fred", "--json").json["bounced_at"] is None


@pytest.mark.parametrize("name,address", [
    ("exchange.dsn", "alice@contoso.example"), ("gmail.dsn", "alice@gone.example"),
    ("headers-only.dsn", "alice@example.net"),
])
def test_other_servers_bounces(alice, name, address):
    alice("user", "set", "alice", "--email", address)
    mailed(alice, "alice", MAIL)
    result = alice("mail", "bounce", **bounce(name))
    assert result.code == 0 and address in result.out, result
    assert alice("user", "show", "alice", "--json").json["bounced_at"] is not None


@pytest.mark.parametrize("variable,value", [
    ("ORIGINAL_RECIPIENT", f"bounces+{MAIL}@example.org"),
    ("RECIPIENT", f"bounces+{MAIL}@example.org"), ("EXTENSION", MAIL),
])
def test_the_mail_server_says_whom_it_was_delivered_to(fred, variable, value):
    text = (BOUNCES / "postfix.dsn").read_text().replace(MAIL, "f" * 32)
    assert fred("mail", "bounce", stdin=text.encode()).out == ""
    assert fred("mail", "bounce", stdin=text.encode(), env={variable: value}).out != ""


def test_nobody_is_marked_by_a_forgery(fred):
    """Whoever does not know the id of a mail to that very address changes nothing."""
    text = (BOUNCES / "postfix.dsn").read_text()
    for forged in (text.replace(MAIL, "f" * 32), text.replace("alice@refused", "bob@refused"),
                   text.replace("refused.example", "example.org")):
        result = fred("mail", "bounce", stdin=forged.encode())
        assert (result.code, result.out) == (0, "") and "nothing was changed" in result.err
    assert all(u["bounced_at"] is None for u in fred("user", "list", "--json").json)
    assert fred("audit", "--json").json[-1]["kind"] == "code_requested"


def test_delays_change_nothing(fred):
    result = fred("mail", "bounce", **bounce("postfix-delayed.dsn"))
    assert (result.code, result.out) == (0, "") and "delayed; nothing was changed" in result.err
    assert fred("user", "show", "fred", "--json").json["bounced_at"] is None


@pytest.mark.parametrize("name,answer", [
    ("postfix-full.dsn",
     "552 5.2.2 <alice@refused.example> Quota exceeded (mailbox for user is full)"),
    ("postfix-policy.dsn",
     "550 5.7.1 Our system has detected that this message is likely unsolicited mail"),
])
def test_what_the_other_server_said_is_kept(fred, name, answer):
    assert fred("mail", "bounce", **bounce(name)).code == 0
    assert fred("user", "show", "fred", "--json").json["bounce_reason"] == answer


@pytest.mark.parametrize("mail", [
    b"", b"\n", b"Subject: I am on holiday\n\nBack on Monday.\n", b"\xff" * 5000,
    b"a" * (3 << 20), (BOUNCES / "postfix.dsn").read_bytes()[:1500],
])
def test_what_is_no_bounce_is_taken_all_the_same(fred, mail):
    result = fred("mail", "bounce", stdin=mail)
    assert (result.code, result.out) == (0, "") and "nothing was changed" in result.err


def test_a_returned_mail_may_be_longer_than_we_read(fred):
    text = (BOUNCES / "postfix.dsn").read_bytes()
    head, _ = text.rsplit(b"\n\n--", 1)
    assert fred("mail", "bounce", stdin=head + b"\nx" * (2 << 20)).out != ""


def test_the_mail_server_keeps_it_while_the_store_is_down(fred):
    store = fred.path / "doorpost.db"
    store.rename(fred.path / "elsewhere")
    assert fred("mail", "bounce", **bounce("postfix.dsn")).code == 75
    assert not store.exists()
    (fred.path / "elsewhere").rename(store)
    fred.config.rename(fred.path / "moved.yaml")
    assert fred("mail", "bounce", **bounce("postfix.dsn")).code == 75
    (fred.path / "moved.yaml").rename(fred.config)
    assert fred("mail", "bounce", **bounce("postfix.dsn")).out != ""


def test_the_alias_is_explained(alice):
    alice.edit("mail:\n", "mail:\n  bounces: back@example.org\n")
    [finding] = [f for f in alice("doctor", "--json").json if f["name"] == "bounces"]
    assert finding["state"] == "unchecked" and "back+ID@example.org" in finding["what"]
    assert "doorpost mail bounce" in finding["remedy"] and "back: doorpost" in finding["remedy"]
    assert "bounces: back@example.org" in alice("config", "show").out


def test_failed_and_waiting_mails_are_shown(alice):
    user = alice("user", "show", "alice", "--json").json["id"]
    now = int(time.time() * 1000)
    with sqlite3.connect(alice.path / "doorpost.db") as database:
        for number, (state, retry) in enumerate([("queued", now + 30_000), ("failed", None)], 1):
            database.execute(
                "INSERT INTO challenges (number, id, subject, user_id, purpose, resume_key,"
                " code_hash, attempts_left, created_at, mailed_at, expires_at, mail_key) VALUES"
                " (?, ?, '', ?, '', ?, x'', 3, ?, ?, ?, '')",
                (number, f"c{number}", user, f"r{number}", now, now, now + 300_000))
            database.execute(
                "INSERT INTO outbox (challenge, id, user_id, sealed, state, created_at, expires_at,"
                " tries, last_answer, retry_at) VALUES (?, ?, ?, x'', ?, ?, ?, 1, '451 later', ?)",
                (number, f"m{number}", user, state, now, now + 300_000, retry))
    entries = {entry["id"]: entry for entry in alice("mail", "queue", "--json").json}
    assert entries["m1"]["retry_at"].endswith("Z") and entries["m2"]["retry_at"] is None
    rows = [line.split() for line in alice("mail", "queue").out.splitlines()]
    [queued] = [row for row in rows if row[0] == "queued"]
    assert "NEXT" in rows[0] and entries["m1"]["retry_at"] in queued
    [finding] = [f for f in alice("doctor", "--json").json if f["name"] == "outbox"]
    assert "1 mail could not be sent" in finding["what"] and "mail queue" in finding["remedy"]


class Server:
    """A program of Tests/Support/smtp; it ends when its standard input closes."""

    def __init__(self, *words):
        program, *more = words
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-B", ROOT / "Tests/Support/smtp" / program, *more],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.told = json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self.told

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


OWNER = "games"  # an account of every Debian


@pytest.fixture
def refused(place):
    """An instance of OWNER's, whose relay is a real Postfix behind which alice is refused. What
    comes back to back.example is piped to `mail bounce`; returns the instance and the relay."""
    if os.geteuid() != 0:
        pytest.skip("Postfix needs root")
    shutil.chown(place, OWNER)
    it = Instance(place / "it")
    assert doorpost("init", str(it.path), "--from", "login@example.org", user=OWNER).code == 0
    command = f"{BINARY} mail bounce --config {it.config}"
    with Server("peer.py", "--reply", "rcpt=550 5.1.1 no such user here") as peer, \
            Server("relay.py", "--route", f"refused.example={peer['port']}",
                   "--pipe", f"back.example={OWNER}:{command}") as relay:
        (place / "ca.pem").write_bytes(pathlib.Path(relay["ca_file"]).read_bytes())
        secret = it.path / "password"
        secret.write_text(relay["password"] + "\n")
        secret.chmod(0o600)
        shutil.chown(secret, OWNER)
        it.edit("transport: outbox:outbox",
                f"transport: smtp://localhost:{relay['port']}\n  username: {relay['user']}\n"
                f"  password_file: password\n  ca_file: {place}/ca.pem")
        result = it("user", "add", "alice@refused.example", "--login", OWNER, user=OWNER)
        assert result.code == 0, result
        yield it, relay


def bounced_at(it):
    return it("user", "show", OWNER, "--json", user=OWNER).json["bounced_at"]


def test_a_real_bounce_names_the_mail_that_it_returns(refused):
    it, relay = refused
    assert it("mail", "test", "alice@refused.example", user=OWNER).code == 0
    returned = until(lambda: [pathlib.Path(path).read_bytes()
                              for path in glob.glob(relay["maildir"] + "/new/*")])[0]
    assert b"\nTo: login@example.org\n" in returned
    [mail_id] = re.findall(rb"\nMessage-ID: <([0-9a-f]{32})@example.org>\n", returned)
    result = it("mail", "bounce", user=OWNER, stdin=returned)
    assert result.code == 0 and "no mail of ours" in result.err
    mailed(it, OWNER, mail_id.decode(), user=OWNER)
    result = it("mail", "bounce", user=OWNER, stdin=returned)
    assert "550 5.1.1 no such user here" in result.out, result
    assert bounced_at(it) is not None


def test_a_mail_server_pipes_it_to_us_and_keeps_it_while_the_store_is_down(refused):
    it, relay = refused
    it.edit("mail:\n", "mail:\n  bounces: bounces@back.example\n")
    user = it("user", "show", OWNER, "--json", user=OWNER).json["id"]
    it.edit("store: sqlite:doorpost.db", "store: sqlite:gone.db")
    assert it("mail", "test", "alice@refused.example", user=OWNER).code == 0
    log = pathlib.Path(relay["log"])
    deferred = until(lambda: [line for line in log.read_text().splitlines()
                              if "relay=command" in line and "status=deferred" in line])[0]
    [mail_id] = re.findall(r"bounces\+([0-9a-f]{32})@back.example", deferred)
    record(it, user, mail_id)
    it.edit("store: sqlite:gone.db", "store: sqlite:doorpost.db")
    assert until(lambda: bounced_at(it))
    until(lambda: "status=sent (delivered via command" in log.read_text())


def until(ready):
    """What `ready` returns as soon as it is something."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if found := ready():
            return found
        time.sleep(0.1)
    raise AssertionError("it never came")
