"""A thousand sign-ins, each of them pressed on through whatever happens, and what they were told."""

import json
import random
import subprocess
import threading
import time

from balancer import PATIENCE, Visitor
from harness.client import Reply
from harness.server import until, wrong

LOGINS = 1000
AT_ONCE = 32
NO_SERVER = (502, 503)
MAIL_DEADLINE = 60  # a mail that was in hand when the store went waits for its claim of 30 s


def add_users(database, count):
    """As `doorpost user add` would, but all at once."""
    database.query(
        "INSERT INTO users (id, email, group_names, enabled, created_at) "
        "SELECT 'load-' || n, 'load' || n || '@example.org', '[]', true, 0 "
        f"FROM generate_series(0, {count - 1}) n")


class Kept(Visitor):
    """A visitor who keeps the connection, and sees how long each answer takes."""

    link, used, worst = None, 0.0, 0.0

    def ask(self, path, body):
        self.began = time.monotonic()
        # One that was left alone for long may be closed from the other end just now.
        if self.link is None or self.link.sock is None or self.began - self.used > 10:
            self.link = self.connection()
        self.link.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})

    def hear(self):
        reply = Reply(self.link.getresponse())
        self.used = time.monotonic()
        self.worst = max(self.worst, self.used - self.began)
        return reply


class SignIn:
    """One user's. Says nothing of its own success: what was told is held against the store."""

    def __init__(self, load, number, visitors):
        self.load, self.visitors = load, visitors
        self.user, self.id = f"load{number}@example.org", f"load-{number}"
        self.looked_at = 0  # guesses that were answered as such
        self.sent = 0       # guesses that may have been looked at
        self.told = 0       # right answers that were accepted
        self.lost = 0       # calls that a server had no answer to

    def ask(self, visitors, path, body):
        """Of each of them, at the same instant. The statuses."""
        for visitor in visitors:
            visitor.ask(path, body)
        replies = [visitor.hear() for visitor in visitors]
        assert {reply.status for reply in replies} <= {200, 401, *NO_SERVER}, replies
        nothing = [reply for reply in replies if reply.status in NO_SERVER]
        self.lost += len(nothing)
        self.load.lost += nothing
        return replies

    def begin(self):
        while True:
            [reply] = self.ask(self.visitors[:1], "/auth/initiate", {"email": self.user})
            if reply.status == 200:
                return reply.json["session"]
            self.load.rest()

    def guess(self, visitors, session, code):
        replies = self.ask(visitors, "/auth/verify", {"session": session, "otp": code})
        self.sent += len(replies)
        return [reply.status for reply in replies]

    def run(self):
        mailed = 0
        while True:
            session = self.begin()
            codes = until(lambda: self.load.codes(self.user)[mailed:], MAIL_DEADLINE)
            if not mailed:
                self.looked_at += self.guess(self.visitors[:1], session, wrong(codes[-1])).count(401)
            mailed += len(codes)
            statuses = []
            while not {200, 401} & set(statuses):
                if statuses:
                    self.load.rest()
                # Two servers get the right answer at once.
                statuses = self.guess(self.visitors, session, codes[-1])
            self.told += statuses.count(200)
            self.looked_at += statuses.count(200)
            if self.told or self.load.has_signed_in(self):
                return


class Load:
    """The sign-ins, so many at a time, through the balancer of a fleet."""

    def __init__(self, fleet, database, logins=LOGINS, at_once=AT_ONCE):
        self.fleet, self.database, self.logins = fleet, database, logins
        self.done, self.lost, self.faults = [], [], []
        self.numbers = iter(range(logins))
        self.visitors = [[Kept(fleet.balancer, f"127.67.0.{n + 1}") for _ in range(2)]
                         for n in range(at_once)]
        self.threads = [threading.Thread(target=self.work, args=[pair]) for pair in self.visitors]
        add_users(database, logins)

    def codes(self, user):
        return self.fleet.sink.codes(user)

    @staticmethod
    def rest():
        """As `Retry-After` asks, but shorter."""
        time.sleep(random.uniform(0.1, 0.4))

    def has_signed_in(self, sign_in):
        """By the store: the answer to the right code was lost, and it had been accepted."""
        query = f"SELECT count(*) FROM sessions WHERE user_id = '{sign_in.id}'"
        while True:
            try:
                return self.database.query(query) != ["0"]
            except subprocess.CalledProcessError:
                self.rest()  # it is away

    def work(self, visitors):
        try:
            while not self.faults and (number := next(self.numbers, None)) is not None:
                sign_in = SignIn(self, number, visitors)
                sign_in.run()
                self.done.append(sign_in)
        except BaseException as fault:  # pylint: disable=broad-except
            self.faults.append(fault)

    def start(self):
        for thread in self.threads:
            thread.start()

    def wait_for(self, share):
        """Until so much of all is done."""
        self.until(lambda: len(self.done) >= share * self.logins)

    def wait_for_losses(self, more=AT_ONCE):
        """Until so many calls more had no answer but 503."""
        goal = len(self.lost) + more
        self.until(lambda: len(self.lost) >= goal)

    def until(self, what):
        until(lambda: self.faults or what(), 90)
        assert not self.faults, self.faults

    def finish(self):
        for thread in self.threads:
            thread.join(90)
            assert not thread.is_alive()
        assert not self.faults, self.faults

    @property
    def worst(self):
        return max(visitor.worst for pair in self.visitors for visitor in pair)

    def judge(self, database):
        """Holds what everybody was told against the store."""
        rows = (row.split("|") for row in database.query(
            "SELECT users.id, count(number), count(consumed_at), "
            "coalesce(sum(3 - attempts_left), 0), (SELECT count(*) FROM sessions WHERE user_id = users.id), "
            "(SELECT count(*) FROM audit WHERE user_id = users.id AND kind = 'signed_in') "
            "FROM users LEFT JOIN challenges ON challenges.user_id = users.id "
            "WHERE users.id LIKE 'load-%' GROUP BY users.id"))
        stored = {row[0]: [int(cell) for cell in row[1:]] for row in rows}
        assert len(self.done) == len(stored) == self.logins
        for sign_in in self.done:
            codes, consumed, counted, sessions, audited = stored[sign_in.id]
            seen = (sign_in.user, stored[sign_in.id], vars(sign_in))
            # Signed in, by one code, once; told so once, or the answer was lost.
            assert consumed == sessions == audited == 1, seen
            assert sign_in.told == 1 or (sign_in.told == 0 and sign_in.lost > 0), seen
            # Every guess that was looked at is counted, and none twice.
            assert sign_in.looked_at <= counted <= sign_in.sent, seen
            assert counted <= 3 * codes, seen
        print(f"the slowest answer after {self.worst:.1f} s, {len(self.lost)} of no server")
        assert self.worst < PATIENCE
