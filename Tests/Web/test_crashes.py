"""`kill -9` under load: what was acknowledged stays, and every mail arrives."""

import collections
import contextlib
import http.client
import os
import shutil
import sqlite3
import tempfile
import threading
import time

import pytest

from harness.clock import Clock
from harness.server import until, wrong
from harness.sink import Sink

KILLS = int(os.environ.get("DOORPOST_KILLS", "200"))
PEOPLE = 24
PATIENCE = 60
# A killed server keeps its mails for 30 s. The clock goes on with every kill, so that they are
# free after 15 of them, and no code is over before the end: 600 s.
STEP, CLAIM, LIFETIME = 2, 30, "10m"
READS_LATE = CLAIM // STEP + 5  # servers


class Person:
    """Signs in again and again through the crashes, and remembers what the server has promised."""

    def __init__(self, server, sink, number, stop):
        self.server, self.sink, self.stop = server, sink, stop
        self.email = f"p{number}@example.org"
        self.client = f"192.0.2.{number + 1}"
        self.is_slow = number % 3 == 0
        self.spent = []  # (session, code) that were acknowledged as used
        self.dead = set()  # codes that open nothing any more
        self.families = []  # (newest token that was acknowledged, the one before it)
        self.is_waiting = False  # for the mail of a challenge that was acknowledged
        self.broken = None

    def call(self, *arguments):
        try:
            return self.server.client(self.client).post(*arguments)
        except (OSError, ValueError, http.client.HTTPException):
            return None  # the server died under us

    def answered(self, *arguments):
        """The first answer, and whether others were lost before it, and with them what they did."""
        end, is_lost = time.monotonic() + PATIENCE, False
        while time.monotonic() < end:
            reply = self.call(*arguments)
            if reply is not None and reply.status < 500:
                return reply, is_lost
            is_lost = True
            time.sleep(0.01)
        raise AssertionError(f"no answer: {reply}")

    def live(self):
        try:
            while not self.stop.is_set():
                self.sign_in()
        except AssertionError as error:
            self.broken = error
            self.stop.set()

    def sign_in(self):
        started, _ = self.answered("/auth/initiate", {"email": self.email})
        assert started.status == 200, started
        session = started.json["session"]
        self.is_waiting = True
        end = time.monotonic() + PATIENCE
        while not self.arrived():
            if self.stop.is_set():
                return
            assert time.monotonic() < end, f"no mail for a challenge of {self.email}"
            time.sleep(0.005)
        self.is_waiting = False
        self.read_mail()
        [code] = self.arrived()
        self.guess_wrongly(session, code)
        reply, is_lost = self.answered("/auth/verify", {"session": session, "otp": code})
        self.dead.add(code)
        if reply.status != 200:
            # Once it may have been accepted, and nobody was told.
            assert is_lost, f"the code that was mailed is refused: {reply}"
            return
        again, _ = self.answered("/auth/verify", {"session": session, "otp": code})
        assert again.status == 401, "a code was accepted twice"
        self.spent.append((session, code))
        token = reply.json["refresh_token"]
        turned = self.call("/auth/refresh", {"refresh_token": token})
        if turned is not None and turned.status == 200:
            self.families.append((turned.json["refresh_token"], token))

    def read_mail(self):
        """At once, or so late that a mail would come again if the relay's answer was lost."""
        late = self.sink.life + (READS_LATE if self.is_slow else 0)
        while self.sink.life < late and not self.stop.is_set():
            time.sleep(0.01)

    def arrived(self):
        """The code that was mailed and not used up: one challenge lives at a time."""
        return set(self.sink.codes(self.email)) - self.dead

    def guess_wrongly(self, session, code):
        """Two wrong guesses: what was acknowledged as left never grows."""
        left = 3
        for _ in range(2):
            reply = self.call("/auth/verify", {"session": session, "otp": wrong(code)})
            if reply is None or reply.status >= 500:
                continue
            assert reply.error == "code_mismatch", f"an acknowledged challenge is gone: {reply}"
            assert reply.json["attempts_left"] < left, "an acknowledged attempt was given back"
            left = reply.json["attempts_left"]


class Ledger:
    """What the killed servers left in the store about their mails."""

    def __init__(self):
        self.mails = set()
        self.sent = {}  # mail → the first server after which the store knew that it was out

    def read(self, server, life):
        """From a copy: whoever opens the store itself heals it."""
        with tempfile.TemporaryDirectory(prefix="doorpost-ledger-") as place:
            for name in ("doorpost.db", "doorpost.db-wal"):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy(server.directory / name, place)
            with contextlib.closing(sqlite3.connect(f"{place}/doorpost.db")) as copy:
                rows = copy.execute("SELECT id, state FROM outbox").fetchall()
        for mail, state in rows:
            self.mails.add(mail)
            if state == "sent":
                self.sent.setdefault(mail, life)


def is_accounted_for(mail, taken, shown):
    """At the relay, or shown with the reason why not."""
    entry = shown.get(mail, {"state": "unknown"})
    return mail in taken or (entry["state"] == "failed" and entry["last_answer"] != "")


def check_mails(sink, ledger, server):
    """Every mail of every challenge arrives, and once if the store knew that it had."""
    def lost():
        taken = {mail.id for mail in sink.mails}
        shown = {entry["id"]: entry for entry in server.json("mail", "queue", "--all")}
        return [mail for mail in ledger.mails | shown.keys()
                if not is_accounted_for(mail, taken, shown)]

    end = time.monotonic() + PATIENCE
    while lost() and time.monotonic() < end:
        time.sleep(0.1)
    assert lost() == [], "mails that neither arrived nor are shown as failed"
    copies = collections.defaultdict(list)
    for mail in sink.mails:
        copies[mail.id].append(mail)
    assert ledger.sent.keys() <= copies.keys(), "a mail counts as sent that was not"
    for mail, all_of_it in copies.items():
        lives = [copy.life for copy in all_of_it]
        assert len({(c.code, c.recipient) for c in all_of_it}) == 1, f"two codes: {all_of_it}"
        assert len(set(lives)) == len(lives), f"one server sent a mail twice: {all_of_it}"
        assert mail not in ledger.sent or max(lives) <= ledger.sent[mail], \
            f"a mail was sent again that was known to be out: {all_of_it}"
    return sum(len(all_of_it) > 1 for all_of_it in copies.values())


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.stop()


@pytest.mark.slow
def test_kill_under_load(fresh, tmp_path, sink):
    def change(settings):
        settings["tokens"] = {"refresh_grace": "0s"}
        settings["code"]["lifetime"] = LIFETIME
        settings["mail"].update(sink.settings)
    server = fresh(change, users=[f"p{n}@example.org" for n in range(PEOPLE)], start=False)
    clock, ledger, stop = Clock(tmp_path), Ledger(), threading.Event()
    server.environment = clock.environment
    server.start()
    address = server.url.removeprefix("http://")
    people = [Person(server, sink, n, stop) for n in range(PEOPLE)]
    threads = [threading.Thread(target=p.live) for p in people]
    for thread in threads:
        thread.start()
    try:
        for n in range(KILLS):
            seen = sum(len(p.spent) for p in people)
            # Sometimes in the first milliseconds, sometimes when work is under way.
            pause = time.monotonic() + (n % 10) * 0.03
            while time.monotonic() < pause and sum(len(p.spent) for p in people) < seen + 3:
                time.sleep(0.001)
            server.kill()
            ledger.read(server, sink.life)
            sink.life += 1
            clock.ahead((n + 1) * STEP)
            server.start("--listen", address, ready=False)
            if stop.is_set():
                break
    finally:
        stop.set()
        for thread in threads:
            thread.join(2 * PATIENCE)
    assert [p.broken for p in people if p.broken] == []
    until(lambda: server.client().get("/readyz").status == 200)
    clock.ahead(KILLS * STEP + CLAIM + 1)  # the last dead server's mails are free, too
    twice = check_mails(sink, ledger, server)
    assert [p.email for p in people if p.is_waiting and not p.arrived()] == []
    for person in people:
        for session, code in person.spent[-20:]:
            assert server.client().verify(session, code).status in (401, 429)
        for newest, older in person.families[-5:]:
            assert server.client().post(
                "/auth/refresh", {"refresh_token": newest}).status == 200
            assert server.client().post(
                "/auth/refresh", {"refresh_token": older}).status == 401
    spent = sum(len(p.spent) for p in people)
    print(f"{len(ledger.mails)} mails, {twice} of them twice; {spent} sign-ins")
    # Crashes did come between, and people through them.
    assert len(ledger.mails) > PEOPLE and spent > 0
