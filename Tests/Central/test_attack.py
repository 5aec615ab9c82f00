"""Five hundred hosts attack one account through the center. Its owner still gets in."""

import collections
import threading

import pytest

from harness.mailbox import other_than
from harness.people import ALICE, BOB
from machines import until

HOSTS, HANDS = 500, 8
# So that nothing but the account's own budget holds anybody up.
WIDE = {"starts_per_source": "1000000/h", "failures_per_source": "1000000/h",
        "failures_total": "1000000/d", "mails_total": "1000000/h"}
MAILS, FAILURES = 20, 10
OFFICE = "203.0.113.5"
# What each of them says of where it comes from: from all over, from where the owner is known, from
# the console.
CLAIMS = ("198.51.100.{}", OFFICE, "", "not an address", "2001:db8::{:x}")


def in_parallel(work, items, hands=HANDS):
    """Does `work(item)` for all, several at a time; raises what went wrong."""
    left, wrong, lock = collections.deque(items), [], threading.Lock()

    def hand():
        while not wrong:
            with lock:
                if not left:
                    return
                item = left.popleft()
            try:
                work(item)
            except BaseException as error:
                wrong.append(error)

    threads = [threading.Thread(target=hand) for _ in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


@pytest.fixture
def crowd(center, wire):
    """crowd(n): so many hosts, each with its credential and a connection."""
    def enroll(count):
        keys = {}

        def one(number):
            keys[f"host{number}"] = center.enroll(f"host{number}")

        in_parallel(one, range(count), 3)
        return [wire(name, key) for name, key in sorted(keys.items())]

    return enroll


class Attackers:
    """Each host in turn asks for a code and guesses three times, until it is told to wait."""

    def __init__(self, crowd):
        self.outcomes = collections.Counter()
        self.limits = collections.Counter()
        self._crowd = crowd

    def attack(self, login, round_number):
        in_parallel(lambda item: self._guess(*item, login, round_number),
                    list(enumerate(self._crowd)))

    @property
    def failures(self):
        """Guesses that were looked at."""
        return self.outcomes["verify wrong"] + self.outcomes["verify tries_used_up"]

    def _guess(self, number, host, login, round_number):
        source = CLAIMS[(number + round_number) % len(CLAIMS)].format(number % 250)
        claims = {"source": source, "service": ("sshd", "sudo", "login")[number % 3],
                  "tty": "" if source else "tty1"}
        said = host.initiate(login, **claims)
        assert said.status == 200, said
        self._count("initiate", said.json)
        if said.json["outcome"] != "started":
            return
        for guess in range(3):
            answer = host.verify(said.json["session"], f"{number:04}{round_number:03}{guess}", **claims)
            assert answer.status == 200, answer
            self._count("verify", answer.json)

    def _count(self, what, answer):
        self.outcomes[f"{what} {answer['outcome']}"] += 1
        if "limit" in answer:
            self.limits[answer["limit"]] += 1


BUDGETS = {"as shipped": {"mails_per_address": ["20/d"], "failures_per_account": "10/d"},
           "mails alone": {"mails_per_address": ["20/d"], "failures_per_account": "100000/d"}}


@pytest.mark.alone
@pytest.mark.parametrize("budget", BUDGETS)
def test_five_hundred_hosts_cost_an_account_its_budget_and_the_owner_nothing(
        center, wire, mailbox, crowd, alice, budget):
    """The owner signed in before: from the office at web1, and at its console."""
    center.restart(limits={**BUDGETS[budget], **WIDE})
    attackers = Attackers(crowd(HOSTS))
    web1, places = wire("web1"), (OFFICE, "")
    for count, source in enumerate(places, 1):
        started = web1.initiate(ALICE, source=source).json
        assert web1.verify(started["session"], mailbox.code(alice, count),
                           source=source).json["outcome"] == "signed_in"
    for round_number in range(2):
        attackers.attack(ALICE, round_number)
    print(attackers.outcomes, attackers.limits)
    assert attackers.outcomes["verify signed_in"] == 0
    until(lambda: not center.json("mail", "queue"))
    mails = len(mailbox.mails(alice))
    if budget == "as shipped":
        assert attackers.failures == FAILURES and 1 <= mails <= MAILS
    else:
        assert attackers.failures > FAILURES and mails == MAILS
    assert len([e for e in center.json("audit", "--limit", "100000")
                if e["kind"] in ("code_wrong", "tries_used_up")]) == attackers.failures
    # Strangers are kept off that account now, whoever they are, and the owner elsewhere, too.
    assert wire("db1").initiate(ALICE, source="192.0.2.77").json["outcome"] == "limited"
    # Where the owner is known there is room, and for a slip of the finger, too.
    web1 = wire("web1")  # the other connection has been idle for long
    for count, source in enumerate(places, mails + 1):
        started = web1.initiate(ALICE, source=source).json
        assert started["outcome"] == "started", (source, started)
        code = mailbox.code(alice, count)
        assert web1.verify(started["session"], other_than(code), source=source).json["outcome"] == "wrong"
        assert web1.verify(started["session"], code, source=source).json["outcome"] == "signed_in"
    # Nobody else is held up.
    assert wire("db1").initiate(BOB, source="192.0.2.77").json["outcome"] == "started"


@pytest.mark.alone
def test_what_attackers_meet_does_not_show_whether_there_is_such_a_user(center, crowd):
    center.restart(limits={**BUDGETS["as shipped"], **WIDE})
    told = []
    hosts = crowd(60)
    for login in (ALICE, "dpe-nobod"):
        told.append(Attackers(hosts))
        told[-1].attack(login, 0)
    assert [a.failures for a in told] == [FAILURES, FAILURES]
    assert [a.limits["failures_per_account"] > 0 for a in told] == [True, True]


@pytest.mark.alone
def test_a_host_makes_itself_no_owners_place(center, wire, mailbox, alice):
    """Whatever a host says, it draws on the strangers' budget until somebody signed in through it."""
    center.restart(limits={"mails_per_address": ["4/d"], "failures_per_account": "3/d", **WIDE})
    web1, db1 = wire("web1"), wire("db1")
    started = web1.initiate(ALICE, source=OFFICE).json
    web1.verify(started["session"], mailbox.code(alice), source=OFFICE)
    for source in (OFFICE, "", OFFICE):
        started = db1.initiate(ALICE, source=source).json
        if started["outcome"] != "started":
            break
        for _ in range(3):
            db1.verify(started["session"], "12345678", source=source)
    for source in (OFFICE, "", "192.0.2.9"):
        assert db1.initiate(ALICE, source=source).json["outcome"] == "limited"
    assert web1.initiate(ALICE, source=OFFICE).json["outcome"] == "started"
