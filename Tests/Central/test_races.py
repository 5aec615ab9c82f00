"""Many at once, through one host and through several."""

import collections

from harness.mailbox import other_than
from harness.people import ALICE
from test_attack import in_parallel

CLIENTS = 12


def at_once(ask):
    """What `ask(number)` was answered, by outcome."""
    said = [None] * CLIENTS

    def one(number):
        said[number] = ask(number)

    in_parallel(one, range(CLIENTS), CLIENTS)
    return said, collections.Counter(answer.json["outcome"] for answer in said)


def test_of_twelve_right_answers_one_signs_in(wire, center, mailbox, alice):
    clients = [wire() for _ in range(CLIENTS)]
    session = clients[0].initiate(ALICE).json["session"]
    code = mailbox.code(alice)
    _, outcomes = at_once(lambda n: clients[n].verify(session, code))
    assert outcomes["signed_in"] == 1 and len(center.logins()) == 1, outcomes


def test_of_twelve_wrong_answers_three_are_looked_at(wire, center, mailbox, alice):
    clients = [wire() for _ in range(CLIENTS)]
    session = clients[0].initiate(ALICE).json["session"]
    code = mailbox.code(alice)
    said, outcomes = at_once(lambda n: clients[n].verify(session, other_than(code)))
    assert outcomes["wrong"] == 2 and outcomes["tries_used_up"] == CLIENTS - 2, outcomes
    assert sorted(a.json["attempts_left"] for a in said if "attempts_left" in a.json) == [1, 2]
    assert len(center.audit("code_wrong")) + len(center.audit("tries_used_up")) == 3
    assert clients[0].verify(session, code).json["outcome"] == "tries_used_up"


def test_twelve_that_ask_for_the_same_get_one_mail(wire, center, mailbox, alice):
    clients = [wire() for _ in range(CLIENTS)]
    said, outcomes = at_once(lambda n: clients[n].initiate(ALICE))
    assert outcomes == {"started": CLIENTS}
    assert sum(1 - a.json["resumed"] for a in said) == 1
    assert clients[0].verify(said[5].json["session"],
                             mailbox.code(alice)).json["outcome"] == "signed_in"
    assert len(mailbox.mails(alice)) == 1


def test_a_code_is_good_at_the_host_that_asked_though_all_try_it(wire, center, mailbox, alice):
    clients = [wire(("web1", "web2", "db1")[n % 3]) for n in range(CLIENTS)]
    session = clients[0].initiate(ALICE).json["session"]
    code = mailbox.code(alice)
    said, outcomes = at_once(lambda n: clients[n].verify(session, code))
    assert outcomes["signed_in"] == 1 and outcomes["unknown"] == CLIENTS * 2 // 3, outcomes
    assert [n % 3 for n, a in enumerate(said) if a.json["outcome"] == "signed_in"] == [0]
    assert [s["host"] for s in center.logins()] == ["web1"]
