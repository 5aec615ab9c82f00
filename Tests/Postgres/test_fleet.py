"""What one server begins another finishes, and what is counted is counted for all of them."""

import signal
import subprocess

from crowd import CROWD, together
from harness.server import BIN, until, wrong

def test_what_one_begins_another_finishes(fleet):
    user = fleet.user()
    one, other, third = fleet.clients(3)
    session = one.initiate(user).json["session"]
    code = fleet.code(user)
    reply = other.verify(session, code)
    assert reply.status == 200, reply
    # The third knows that the code was used, and whose session it is.
    assert third.verify(session, code).status == 401
    assert len(fleet.servers[2].json("session", "list", user)) == 1


def test_of_many_wrong_guesses_three_are_looked_at(fleet):
    user = fleet.user()
    clients = fleet.clients(CROWD)
    session = clients[0].initiate(user).json["session"]
    code = fleet.code(user)
    answers = together([lambda c=c: c.verify(session, wrong(code)) for c in clients])
    assert {a.status for a in answers} == {401}
    left = sorted(a.json["attempts_left"] for a in answers)
    assert left == [0] * (CROWD - 2) + [1, 2]
    assert clients[1].verify(session, code).status == 401


def test_of_many_right_answers_one_signs_in(fleet):
    user = fleet.user()
    clients = fleet.clients(CROWD)
    session = clients[0].initiate(user).json["session"]
    code = fleet.code(user)
    answers = together([lambda c=c: c.verify(session, code) for c in clients])
    # Three attempts are looked at; of those that were right, one signs in.
    assert [a.status for a in answers].count(200) == 1
    assert len(fleet.first.json("session", "list", user)) == 1


def test_of_many_initiates_one_mail_goes_out(fleet):
    user = fleet.user()
    clients = fleet.clients(CROWD)
    for client in clients:
        client.source = "192.0.2.64"
    answers = together([lambda c=c: c.initiate(user) for c in clients])
    assert {a.status for a in answers} == {200}
    code = fleet.code(user)
    assert clients[5].verify(answers[-1].json["session"], code).status == 200
    assert len(fleet.sink.codes(user)) == 1


def test_a_restart_of_the_database_is_survived(fleet):
    user = fleet.user()
    one, other, third = fleet.clients(3)
    session = one.initiate(user).json["session"]
    code = fleet.code(user)
    fleet.database.stop(signal.SIGQUIT)
    # While it is gone, who asks is told so in time, and nothing is counted.
    refused = other.verify(session, wrong(code))
    assert (refused.status, refused.error) == (503, "store_unavailable"), refused
    assert third.get("/readyz").status == 503
    fleet.database.start()
    until(lambda: other.get("/readyz").status == 200)
    reply = other.verify(session, code)
    assert reply.status == 200, reply
    assert third.verify(session, code).status == 401


def test_no_password_is_in_the_configuration(fleet):
    """A URL with one is refused without being shown."""
    server = fleet.servers[2]
    before = server.config.read_text()
    try:
        server.configure(lambda c: c.update(store="postgres://doorpost:s3cret@/postgres"))
        done = subprocess.run([BIN / "doorpost", "config", "check", "--config", server.config],
                              capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "passfile=" in done.stdout + done.stderr
        assert "s3cret" not in done.stdout + done.stderr
    finally:
        server.config.write_text(before)
    assert "host=/tmp/doorpost-postgres-" in server.run("config", "show")
