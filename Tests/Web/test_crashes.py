"""`kill -9` under load: what was acknowledged stays, and every mail is accounted for."""

import itertools
import os
import threading
import time

import pytest

from harness.server import Mail, until, wrong

KILLS = int(os.environ.get("DOORPOST_KILLS", "200"))
PEOPLE = 8


class Person:
    """Signs in again and again through the crashes, and remembers what the server has promised."""

    def __init__(self, server, number):
        self.server, self.email = server, f"p{number}@example.org"
        self.spent = []  # (session, code) that were acknowledged as used
        self.tries = {}  # session -> fewest attempts left that were acknowledged
        self.families = []  # [newest token that was acknowledged, one before it]
        self.accepted = 0
        self.broken = None

    def call(self, *arguments):
        try:
            return self.server.client(f"192.0.2.{id(self) % 250}").post(*arguments)
        except (OSError, ValueError, __import__("http.client").client.HTTPException):
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
        reply = self.call("/auth/verify", {"session": session, "otp": wrong(code)})
        if reply is not None and reply.status == 401 and "attempts_left" in reply.json:
            left = reply.json["attempts_left"]
            assert left < self.tries.get(code, 3), "an acknowledged attempt was given back"
            self.tries[code] = left
        reply = self.call("/auth/verify", {"session": session, "otp": code})
        if reply is None or reply.status != 200:
            return
        assert (session, code) not in self.spent, "a code was accepted twice"
        self.spent.append((session, code))
        self.accepted += 1
        token = reply.json["refresh_token"]
        turned = self.call("/auth/refresh", {"refresh_token": token})
        if turned is not None and turned.status == 200:
            self.families.append((turned.json["refresh_token"], token))

    def wait_for_code(self, stop):
        """The newest code that was mailed; after a crash the courier of the next server sends it."""
        known = {code for _, code in self.spent}
        end = time.monotonic() + 45
        while not stop.is_set() and time.monotonic() < end:
            fresh = [m.code for m in self.server.mails(self.email) if m.code not in known]
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
            seen = sum(p.accepted for p in people)
            # Sometimes in the first milliseconds, sometimes when work is under way.
            pause = time.monotonic() + (n % 10) * 0.01
            while time.monotonic() < pause and sum(p.accepted for p in people) < seen + 5:
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
    # Every code that was asked for has been mailed, or is shown as waiting or failed.
    assert sum(p.accepted for p in people) > 0
    started = sum(1 for e in server.audit() if e["kind"] == "code_requested")
    assert started > 0
