"""What every sign-in of a fleet must count in is held for as little as can be: while one holds it, all
others wait, wherever they are, so its statements are ways to the database and back that nobody shares."""

import re

from conftest import Fleet
from harness.server import temporary, wrong
from postgres import postgres

SHARED = ("limit:mails:total", "limit:failures:total")
# The lock, whether there is room, the count, COMMIT.
MOST = 4


def statements(log):
    """By transaction, in their order: the text of each statement with its values."""
    found = {}
    for line in re.split(r"\n(?=<)", log):
        head = re.match(r"<(\S+) (\d+/\d+)> (\S+): +(.*)", line, re.DOTALL)
        if head and head[2].split("/")[1] != "0":
            kind, text = head[3], head[4]
            if kind == "LOG" and re.match(r"(execute|statement)", text):
                found.setdefault(head[1] + head[2], []).append(text)
            elif kind == "DETAIL" and found.get(head[1] + head[2]):
                found[head[1] + head[2]][-1] += text
    return list(found.values())


def test_it_is_held_for_four_statements():
    log = {"log_statement": "all", "log_line_prefix": "<%p %v> "}
    with postgres(**log) as database, temporary() as base:
        fleet = Fleet(base, database)
        fleet.servers = fleet.servers[:1]
        try:
            fleet.start()
            user, client = fleet.user(), fleet.first.client()

            def sign_in(turn):
                session = client.initiate(user).json["session"]
                code = fleet.code(user, turn)
                assert client.verify(session, wrong(code)).status == 401
                assert client.verify(session, code).status == 200

            sign_in(0)  # statements are prepared, and rows made
            mark = database.log.stat().st_size
            sign_in(1)
            log = database.log.read_bytes()[mark:].decode()
        finally:
            fleet.kill()
    held = []
    for transaction in statements(log):
        locked = [n for n, text in enumerate(transaction)
                  if "FOR UPDATE" in text and any(key in text for key in SHARED)]
        if locked:
            assert "COMMIT" in transaction[-1], transaction
            held.append(len(transaction) - locked[0])
    # One start, and two guesses.
    assert len(held) == 3 and max(held) <= MOST, held
