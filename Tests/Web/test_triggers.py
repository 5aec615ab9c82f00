"""Triggers over REST: the same three decisions, in the words of CONTRACT.md §6."""

import base64
import concurrent.futures
import json
import pathlib
import signal
import sys

import pytest

from harness.server import until, wrong

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

from triggers import CREATE, STEPS, THREE, Triggers  # noqa: E402

ALICE = "alice@example.org"


class Triggered:
    """A server with these handlers at its points."""

    def __init__(self, fresh, directory, bodies, change=None, **more):
        self.triggers = Triggers(directory / "triggers")
        settings = self.triggers.settings(bodies)

        def configure(config):
            config["triggers"] = settings
            if change:
                change(config)

        self.server = fresh(configure, **more)

    @property
    def client(self):
        return self.server.client()

    def elsewhere(self, number):
        """Whoever comes from elsewhere begins a sign-in of their own."""
        return self.server.client(f"198.51.100.{number}")


@pytest.fixture
def triggered(fresh, tmp_path):
    return lambda bodies, change=None, **more: Triggered(fresh, tmp_path, bodies, change, **more)


def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_a_trigger_asks_and_its_answer_signs_in(triggered):
    it = triggered(THREE)
    started = it.client.initiate(ALICE)
    assert started.status == 200
    assert started.json["challenge_parameters"] == {"hint": "to a"}
    assert {"session", "expires_in", "resend_in"} <= set(started.json)
    [code] = it.triggers.codes()
    assert code.encode() not in started.raw
    reply = it.client.verify(started.json["session"], code)
    assert reply.status == 200 and claims(reply.json["id_token"])["email"] == ALICE
    bearer = {"Authorization": f"Bearer {reply.json['access_token']}"}
    assert it.client.get("/auth/me", headers=bearer).json["email"] == ALICE
    assert not it.server.mails()
    assert it.triggers.order() == [
        "define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response",
        "define_auth_challenge"]
    assert all(event["callerContext"]["clientId"] for event in it.triggers.events())


def test_a_wrong_answer_asks_again_until_the_third(triggered):
    it = triggered(THREE)
    session = it.client.initiate(ALICE).json["session"]
    [code] = it.triggers.codes()
    for left in (2, 1):
        reply = it.client.verify(session, "wrong")
        assert (reply.status, reply.error) == (401, "code_mismatch")
        assert reply.json["attempts_left"] == left
        assert reply.json["challenge_parameters"] == {"hint": "to a"}
    reply = it.client.verify(session, "wrong")
    assert (reply.status, reply.error, reply.json["attempts_left"]) == (401, "code_mismatch", 0)
    reply = it.client.verify(session, code)
    assert (reply.status, reply.error, reply.json["attempts_left"]) == (401, "code_mismatch", 0)
    assert not it.server.json("session", "list")


def test_a_wrong_answer_and_then_the_right_one(triggered):
    it = triggered(THREE)
    session = it.client.initiate(ALICE).json["session"]
    [code] = it.triggers.codes()
    assert it.client.verify(session, wrong(code)).status == 401
    assert it.client.verify(session, code).status == 200
    assert it.client.verify(session, code).error == "session_invalid"


def test_one_right_answer_may_not_be_enough(triggered):
    it = triggered(STEPS)
    started = it.client.initiate(ALICE)
    assert started.json["challenge_parameters"] == {"step": "1"}
    reply = it.client.verify(started.json["session"], "answer 1")
    assert (reply.status, reply.error) == (401, "answer_needed")
    assert reply.json["challenge_parameters"] == {"step": "2"}
    session = reply.json.get("session", started.json["session"])
    reply = it.client.verify(session, "answer 1")
    assert (reply.status, reply.error) == (401, "code_mismatch")
    reply = it.client.verify(session, "answer 2")
    assert reply.status == 200 and reply.json["access_token"]


def test_answers_at_once_skip_no_question(triggered):
    it = triggered({**STEPS, "verify_auth_challenge_response":
                    "time.sleep(1)\n" + STEPS["verify_auth_challenge_response"]})
    for answers in (("answer 1",) * 3, ("answer 1", "answer 2", "answer 2")):
        session = it.client.initiate(ALICE).json["session"]
        with concurrent.futures.ThreadPoolExecutor(3) as threads:
            replies = list(threads.map(lambda text: it.client.verify(session, text), answers))
        assert {reply.status for reply in replies} == {401}
        assert it.client.verify(session, "answer 2").status == 401
    assert not it.server.json("session", "list")


def test_a_page_that_is_loaded_again_goes_on_with_the_same_question(triggered):
    it = triggered(THREE)
    first = it.client.initiate(ALICE).json
    second = it.client.initiate(ALICE).json
    assert second["challenge_parameters"] == first["challenge_parameters"]
    [code] = it.triggers.codes()
    assert it.client.verify(first["session"], "wrong").json["attempts_left"] == 2
    assert it.client.verify(second["session"], code).status == 200


def test_a_resend_asks_the_trigger_anew(triggered):
    it = triggered(THREE)
    session = it.client.initiate(ALICE).json["session"]
    assert it.client.verify(session, "wrong").status == 401
    again = it.client.post("/auth/resend", {"session": session})
    assert again.status == 200
    assert len(it.triggers.events("create_auth_challenge")) == 3
    # The handler takes the code that it drew first, as the tutorial's does.
    assert it.client.verify(session, it.triggers.codes()[-1]).status == 200


def test_strangers_are_asked_alike_and_never_let_in(triggered):
    it = triggered({**THREE, "verify_auth_challenge_response": "response['answerCorrect'] = True"})
    shapes = set()
    for number, user in enumerate((ALICE, "adams@example.org")):
        reply = it.elsewhere(number).initiate(user)
        assert reply.status == 200
        shapes.add((tuple(sorted(reply.json)), len(reply.raw),
                    json.dumps(reply.json["challenge_parameters"])))
        session = reply.json["session"]
    assert len(shapes) == 1
    assert [r.get("userNotFound") for r in it.triggers.requests("create_auth_challenge")] == [
        None, True]
    for left in (2, 1, 0):
        reply = it.elsewhere(1).verify(session, "x")
        assert (reply.status, reply.error) == (401, "code_mismatch")
        assert reply.json["attempts_left"] == left
    assert not it.server.json("session", "list")


@pytest.mark.parametrize("point", [
    "define_auth_challenge", "create_auth_challenge", "pre_authentication",
    "verify_auth_challenge_response", "post_authentication", "pre_token_generation"])
@pytest.mark.parametrize("body, status, error", [
    ("os.kill(os.getpid(), 9)", 503, "trigger_failed"),
    ("print('x' * 100_000); sys.exit()", 503, "trigger_failed"),
    ("print('nonsense'); sys.exit()", 503, "trigger_failed"),
    ("say({'errorMessage': 'secret reason'}); sys.exit()", 403, "refused"),
    ("sys.exit(1)", 403, "refused")])
def test_a_trigger_that_fails(triggered, point, body, status, error):
    it = triggered({**THREE, point: body})
    reply = it.client.initiate(ALICE)
    if reply.status == 200:
        reply = it.client.verify(reply.json["session"], it.triggers.codes()[-1])
    assert (reply.status, reply.error) == (status, error)
    # Why is for the log.
    assert b"secret reason" not in reply.raw and point.encode() not in reply.raw
    assert point in until(it.server.said)
    if status == 503:
        assert int(reply.headers["Retry-After"]) >= 1
    assert not it.server.json("session", "list")


def test_a_trigger_that_hangs(triggered):
    it = triggered({**THREE, "create_auth_challenge": "time.sleep(60)"})
    reply = it.client.initiate(ALICE)
    assert (reply.status, reply.error) == (503, "trigger_failed")
    it.triggers.set("create_auth_challenge", CREATE)
    session = it.client.initiate(ALICE).json["session"]
    assert it.client.verify(session, it.triggers.codes()[-1]).status == 200


def test_a_trigger_that_lets_nobody_be_asked(triggered):
    it = triggered({**THREE, "define_auth_challenge": "response['failAuthentication'] = True"})
    replies = [it.elsewhere(n).initiate(user) for n, user in enumerate((ALICE, "no@example.org"))]
    assert {(r.status, r.error) for r in replies} == {(403, "refused")}


def test_what_a_trigger_adds_is_in_the_tokens_and_after_a_refresh(triggered):
    it = triggered({"pre_token_generation": """
response["claimsOverrideDetails"] = {
    "claimsToAddOrOverride": {"team": request["groupConfiguration"]["groupsToOverride"][0],
                              "sub": "root", "groups": "root"},
    "groupOverrideDetails": {"groupsToOverride": ["blue"]}}
"""})
    it.server.run("user", "set", ALICE, "--group", "staff")
    reply = it.server.sign_in()
    sub = claims(reply.json["access_token"])["sub"]
    for _ in range(2):
        identity, access = (claims(reply.json[n]) for n in ("id_token", "access_token"))
        assert identity["team"] == "staff" and "team" not in access
        assert identity["groups"] == access["groups"] == ["blue"]
        assert identity["sub"] == access["sub"] == sub != "root"
        bearer = {"Authorization": f"Bearer {reply.json['access_token']}"}
        assert it.client.get("/auth/me", headers=bearer).json["sub"] == sub
        reply = it.client.post("/auth/refresh", {"refresh_token": reply.json["refresh_token"]})
        assert reply.status == 200
    assert {event["triggerSource"] for event in it.triggers.events()} == {
        "TokenGeneration_Authentication", "TokenGeneration_RefreshTokens"}


def test_the_api_has_no_metadata_for_triggers(triggered):
    it = triggered(THREE)
    it.client.verify(it.client.initiate(ALICE).json["session"], "x")
    for request in it.triggers.requests():
        assert "clientMetadata" not in request


def test_a_sign_up_is_asked_of_the_trigger_before(triggered):
    it = triggered({"pre_sign_up": "pass", "post_confirmation": "pass"},
                   lambda c: c.update(signup="open"))
    reply = it.server.sign_in("eve@example.org")
    assert claims(reply.json["id_token"])["email"] == "eve@example.org"
    assert it.triggers.order() == ["pre_sign_up", "post_confirmation"]
    it.triggers.set("pre_sign_up", "sys.exit(1)")
    session = it.client.initiate("mallory@example.org").json["session"]
    reply = it.client.verify(session, it.server.code("mallory@example.org"))
    assert (reply.status, reply.error) == (403, "refused")
    assert "mallory@example.org" not in {u["email"] for u in it.server.json("user", "list")}


def test_a_refused_start_runs_no_program(triggered):
    it = triggered(THREE, lambda c: c["limits"].update(starts_per_source="1/h"))
    it.client.initiate(ALICE)
    before = it.triggers.notes()
    assert it.client.initiate(ALICE).status == 429
    assert it.client.initiate("no@example.org").status == 429
    assert it.triggers.notes() == before


def test_the_relay_may_be_down_where_a_trigger_mails(triggered):
    it = triggered(THREE, lambda c: c["mail"].update(transport="smtp://127.0.0.1:9", tls="none"),
                   start=False)
    it.server.start(ready=False)
    client = it.server.client()
    until(lambda: "doorpost_relay_up 0" in client.get("/metrics").raw.decode())
    session = client.initiate(ALICE).json["session"]
    assert client.verify(session, it.triggers.codes()[-1]).status == 200


def test_a_reload_takes_other_triggers(triggered):
    it = triggered(THREE)
    session = it.client.initiate(ALICE).json["session"]
    it.server.configure(lambda c: c.pop("triggers"))
    mark = len(it.server.said().encode())
    it.server.process.send_signal(signal.SIGHUP)
    until(lambda: it.server.said(mark))
    # What a trigger asked, nobody can answer any more; what is asked now is the mailed code.
    assert it.client.verify(session, it.triggers.codes()[-1]).status == 401
    reply = it.elsewhere(9).initiate(ALICE)
    assert reply.status == 200 and "challenge_parameters" not in reply.json
    assert it.elsewhere(9).verify(reply.json["session"], it.server.code()).status == 200
