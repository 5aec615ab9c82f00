"""Sixty-four at once, over HTTP: what must happen once happens once."""

import threading

from harness.server import until, wrong

CROWD = 64


def at_once(calls):
    """Runs all calls together, each on a connection that is open already."""
    barrier = threading.Barrier(len(calls))
    answers = [None] * len(calls)

    def run(number, client, method, path, body, headers):
        connection = client.connection()
        connection.connect()
        barrier.wait()
        try:
            answers[number] = client.call(method, path, body=body, headers=headers,
                                          connection=connection)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, *call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(answers)
    return answers


def test_of_many_wrong_guesses_three_are_looked_at(server, users):
    user = users()
    client = server.client()
    session = client.initiate(user).json["session"]
    code = server.code(user)
    guess = {"session": session, "otp": wrong(code)}
    answers = at_once([(client, "POST", "/auth/verify", guess, None)] * CROWD)
    assert {a.status for a in answers} == {401}
    left = sorted(a.json["attempts_left"] for a in answers)
    assert left == [0] * (CROWD - 2) + [1, 2]
    assert client.verify(session, code).json["attempts_left"] == 0
    kinds = [e["kind"] for e in server.audit() if e.get("email") == user]
    assert kinds.count("code_wrong") + kinds.count("tries_used_up") == 3


def test_of_many_right_answers_one_signs_in(server, users):
    user = users()
    client = server.client()
    session = client.initiate(user).json["session"]
    right = {"session": session, "otp": server.code(user)}
    answers = at_once([(client, "POST", "/auth/verify", right, None)] * CROWD)
    signed_in = [a for a in answers if a.status == 200]
    assert len(signed_in) == 1
    assert len([s for s in server.json("session", "list", user)]) == 1


def test_of_many_initiates_one_mail_goes_out(server, users):
    user = users()
    client = server.client("192.0.2.64")
    answers = at_once([(client, "POST", "/auth/initiate", {"email": user}, None)] * CROWD)
    assert {a.status for a in answers} == {200}
    code = server.code(user)
    # One that was started by another call answers, too: they are one challenge.
    assert client.verify(answers[-1].json["session"], code).status == 200
    assert len(server.mails(user)) == 1


def test_of_many_initiates_from_many_places_one_mail_goes_out(fresh):
    server = fresh(lambda c: c.update(code={"resend_after": "60s"}))
    calls = [(server.client(f"198.51.100.{n}"), "POST", "/auth/initiate",
              {"email": "alice@example.org"}, None) for n in range(CROWD)]
    statuses = sorted(a.status for a in at_once(calls))
    assert statuses == [200] + [429] * (CROWD - 1)
    server.code()
    assert len(server.mails()) == 1


def test_of_many_resends_one_mail_goes_out(fresh):
    server = fresh(lambda c: c.update(code={"resend_after": "1s"}))
    client = server.client()
    session = client.initiate("alice@example.org").json["session"]
    server.code()
    again = {"session": session}

    def crowd():
        answers = at_once([(client, "POST", "/auth/resend", again, None)] * CROWD)
        statuses = sorted(a.status for a in answers)
        return statuses if 200 in statuses else None

    assert until(crowd) == [200] + [429] * (CROWD - 1)
    server.code(after=1)
    assert len(server.mails()) == 2


def test_of_many_refreshes_one_child_lives(server, users):
    client = server.client()
    token = {"refresh_token": server.sign_in(users()).json["refresh_token"]}
    answers = at_once([(client, "POST", "/auth/refresh", token, None)] * CROWD)
    assert {a.status for a in answers} == {200}
    [child] = {a.json["refresh_token"] for a in answers}
    assert client.post("/auth/refresh", {"refresh_token": child}).status == 200


def test_of_many_sign_ups_one_user_comes(fresh):
    server = fresh(lambda c: c.update(signup="open"), users=())
    first, second = server.client("192.0.2.1"), server.client("192.0.2.2")
    who = "new@example.net"
    one = first.initiate(who).json["session"]
    code = server.code(who)
    two = second.initiate(who).json["session"]
    other = server.code(who, after=1)
    calls = ([(first, "POST", "/auth/verify", {"session": one, "otp": code}, None)] * 32
             + [(second, "POST", "/auth/verify", {"session": two, "otp": other}, None)] * 32)
    answers = at_once(calls)
    assert 1 <= sum(a.status == 200 for a in answers) <= 2
    assert [u["email"] for u in server.json("user", "list")] == [who]
