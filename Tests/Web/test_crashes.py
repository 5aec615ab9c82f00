"""`kill -9` under load: what was acknowledged stays, and every mail is accounted for."""

import http.client
import os
import threading
import time

import pytest

from harness.server import until, wrong

KILLS = int(os.environ.get("DOORPOST_KILLS", "200"))
PEOPLE = 24


class Person:
    """Signs in again and again through the crashes, and remembers what the server has promised."""

    def __init__(self, server, number):
        self.server, self.email = server, f"p{number}@example.org"
        self.client = f"192.0.2.{number + 1}"
        self.spent = []  # (session, code) that were acknowledged as used
        self.dead = set()  # codes that open nothing any more
        self.families = []  # (newest token that was acknowledged, the one before it)
        self.broken = None

    def call(self, *arguments):
        try:
            return self.server.client(self.client).post(*arguments)
        except (OSError, ValueError, http.client.HTTPException):
            return None  # the server died under us

    def live(self, stop):
        try:
            while not stop.is_set():
                self.sign_in(stop)
        except AssertionError as error:
            self.broken = error
            stop.set()

    def sign_in(self, stop):
        started = self.call("/auth/initiate", {"email": self.email})
        if started is None or started.status != 200:
            time.sleep(0.01)
            return
        session = started.json["session"]
        code = self.wait_for_code(stop)
        if code is None:
            return
        left = self.guess_wrongly(session, code)
        if left is None:
            return
        reply = self.call("/auth/verify", {"session": session, "otp": code})
        if reply is None:
            # Whether it was accepted nobody knows; once it may have been.
            again = self.call("/auth/verify", {"session": session, "otp": code})
            if again is not None and again.status != 200:
                self.dead.add(code)
            reply = again
        if reply is None or reply.status != 200:
            return
        assert code not in self.dead, "a code was accepted twice"
        self.dead.add(code)
        self.spent.append((session, code))
        token = reply.json["refresh_token"]
        turned = self.call("/auth/refresh", {"refresh_token": token})
        if turned is not None and turned.status == 200:
            self.families.append((turned.json["refresh_token"], token))

    def guess_wrongly(self, session, code):
        """Two wrong guesses: what was acknowledged as left never grows. None when it is over."""
        left = 3
        for _ in range(2):
            reply = self.call("/auth/verify", {"session": session, "otp": wrong(code)})
            if reply is None or "attempts_left" not in reply.json:
                continue
            assert reply.json["attempts_left"] < left, "an acknowledged attempt was given back"
            left = reply.json["attempts_left"]
            if left == 0:
                self.dead.add(code)
                return None
        return left

    def wait_for_code(self, stop):
        """The newest code that was mailed; after a crash the courier of the next server sends it."""
        end = time.monotonic() + 45
        while not stop.is_set() and time.monotonic() < end:
            fresh = [m.code for m in self.server.mails(self.email) if m.code not in self.dead]
            if fresh:
                return fresh[-1]
            time.sleep(0.01)
        return None


@pytest.mark.slow
def test_kill_under_load(fresh):
    def change(settings):
        settings["tokens"] = {"refresh_grace": "0s"}
    server = fresh(change, users=[f"p{n}@example.org" for n in range(PEOPLE)], start=False)
    server.start()
    address = server.url.removeprefix("http://")
    people = [Person(server, n) for n in range(PEOPLE)]
    stop = threading.Event()
    threads = [threading.Thread(target=p.live, args=(stop,)) for p in people]
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
            server.start("--listen", address, ready=False)
            if stop.is_set():
                break
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert [p.broken for p in people if p.broken] == []
    until(lambda: server.client().get("/healthz").status == 200)
    for person in people:
        for session, code in person.spent[-20:]:
            assert server.client().verify(session, code).status in (401, 429)
        for newest, older in person.families[-5:]:
            assert server.client().post(
                "/auth/refresh", {"refresh_token": newest}).status == 200
            assert server.client().post(
                "/auth/refresh", {"refresh_token": older}).status == 401
    assert sum(len(p.spent) for p in people) > 0
    # What has not gone out is shown: as waiting while its code lives, as failed afterwards.
    assert {mail["state"] for mail in server.json("mail", "queue")} <= {"queued", "failed"}
