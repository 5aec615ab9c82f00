"""Programs that fail, at every point, in every way. The user's address says where and how."""

import concurrent.futures
import re
import time

import pytest

from aws import refusal, sdk
from harness.server import temporary, until, Server
from triggered import ALICE, Triggered
from triggers import CREATE, DEFINE, SILENT, THREE, VERIFY

# What a program does in the place of answering: [address's word, what it does, what that is].
REFUSED, FAILED, WRONG = (
    "UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException")
FAULTS = {
    "throws": ("say({'errorMessage': 'No way.', 'errorType': 'Error'}); sys.exit()", REFUSED),
    "throws-and-fails": ("say({'errorMessage': 'No way.'}); sys.exit(1)", REFUSED),
    "exits": ("sys.exit(3)", REFUSED),
    "dies": ("os.kill(os.getpid(), 9)", FAILED),
    "hangs": ("time.sleep(60)", FAILED),
    "floods": ("print('x' * 200_000, flush=True); sys.exit()", WRONG),
    "floods-json": ("event['padding'] = 'x' * 70_000; say(event); sys.exit()", WRONG),
    "babbles": ("print('hello'); sys.exit()", WRONG),
    "says-nothing": ("sys.exit(0)", WRONG),
    "says-null": ("say(None); sys.exit()", WRONG),
    "says-a-list": ("say([event]); sys.exit()", WRONG),
    "has-no-response": ("del event['response']; say(event); sys.exit()", WRONG),
    "has-a-wrong-response": ("event['response'] = 'x'; say(event); sys.exit()", WRONG),
    "says-it-twice": ("say(event)", WRONG),
    "is-no-utf8": ("sys.stdout.buffer.write(asking().replace('}', ', \"x\": \"\\xff\"}', 1)"
                   ".encode('latin-1')); sys.stdout.flush(); sys.exit()", WRONG),
    "has-a-member-twice": ("print(asking().replace('}}', '}, \"response\": {}}')); sys.exit()",
                           WRONG),
}
# A member of a wrong type, where a point has members.
MEMBERS = {
    "define_auth_challenge": ["issueTokens = 'yes'", "failAuthentication = 0",
                              "challengeName = ['CUSTOM_CHALLENGE']"],
    "create_auth_challenge": ["publicChallengeParameters = ['x']",
                              "privateChallengeParameters = 'x'",
                              "publicChallengeParameters = {'x': {'y': 1}}",
                              "challengeMetadata = 7"],
    "verify_auth_challenge_response": ["answerCorrect = 'true'", "answerCorrect = 1"],
    "pre_sign_up": ["autoConfirmUser = 'yes'"],
    "pre_token_generation": [
        "claimsOverrideDetails = 'x'", "claimsOverrideDetails = {'claimsToSuppress': 'x'}",
        "claimsOverrideDetails = {'claimsToAddOrOverride': {'a': 7}}",
        "claimsOverrideDetails = {'groupOverrideDetails': {'groupsToOverride': [7]}}",
        "claimsOverrideDetails = {'groupOverrideDetails': {'groupsToOverride': ['a b,c']}}",
        "claimsOverrideDetails = {'claimsToAddOrOverride': {'a': 'x' * 20_000}}"],
}
# The right answer is "right".
BODIES = {**SILENT, **THREE, "create_auth_challenge": CREATE.replace("draw()", "'right'")}
POINTS = [point for point in BODIES if not point.startswith("custom_")]


def slug(point):
    return point.replace("_", "-")


def handler(point):
    """Does what the address asks for, if it asks this point."""
    lines = ["name = event['userName'].partition('@')[0]",
             "asking = lambda: json.dumps({'response': {'challengeName': 'CUSTOM_CHALLENGE'}})"]
    for fault, (body, _) in FAULTS.items():
        lines += [f"if name == '{slug(point)}.{fault}':", f"    {body}"]
    lines.append(BODIES[point].strip())
    for number, member in enumerate(MEMBERS.get(point, [])):
        target, _, value = member.partition(" = ")
        lines += [f"if name == '{slug(point)}.member{number}':",
                  f"    response['{target}'] = {value}"]
    return "\n".join(lines)


# At every point; the others at the first one alone, since one program is read as the other.
EVERYWHERE = ("throws", "exits", "dies", "hangs", "floods", "babbles", "has-no-response")


def cases():
    for point in POINTS:
        for fault, (_, name) in FAULTS.items():
            if fault in EVERYWHERE or point == "define_auth_challenge":
                yield point, fault, name
        for number in range(len(MEMBERS.get(point, []))):
            yield point, f"member{number}", WRONG


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A server at whose points everything can go wrong, and what came of each case."""
    with temporary() as directory:
        started = []

        def start(change):
            started.append(Server(directory, change, users=()))
            return started[0].start()

        bodies = {point: handler(point) for point in POINTS}
        try:
            it = Triggered(
                start, tmp_path_factory.mktemp("faulty"), bodies,
                lambda c: c.update(signup="open"))
            with concurrent.futures.ThreadPoolExecutor(8) as workers:
                futures = {case[:2]: workers.submit(provoke, it, *case[:2]) for case in cases()}
                it.outcomes = {case: future.result() for case, future in futures.items()}
            yield it
        finally:
            for server in started:
                server.kill()


def provoke(it, point, fault):
    """What somebody is told whose address asks for this fault."""
    user = f"{slug(point)}.{fault}@example.org"
    if point in ("pre_sign_up", "post_confirmation"):
        def act():
            it.sign_up(user)
            return it.confirm(user, it.server.code(user))
    else:
        it.server.run("user", "add", user)

        def act():
            return it.answer(it.initiate(user)["Session"], "right", user)
    return refusal(act)


@pytest.mark.parametrize("point, fault, name", list(cases()))
def test_it_is_told_as_aws_tells_it(faulty, point, fault, name):
    error, message = faulty.outcomes[point, fault]
    trigger = "".join(word.capitalize() for word in point.split("_"))
    assert error == name
    if fault.startswith("throws"):
        assert message == f"{trigger} failed with error No way.."
    elif name == REFUSED:
        assert re.fullmatch(rf"{trigger} failed with error .+\.", message)
    elif name == FAILED:
        assert re.fullmatch(rf"{trigger} invocation failed due to error .+\.", message)
    else:
        assert message == "Unrecognizable lambda output"


def test_nobody_was_let_in(faulty):
    assert not faulty.sessions()


def test_nobody_is_a_user_whom_the_trigger_before_refused(faulty):
    users = {u["email"].partition(".")[0] for u in faulty.server.json("user", "list")}
    assert "pre-sign-up" not in users


def test_the_log_tells_where_it_went_wrong(faulty):
    said = faulty.server.said()
    for point in POINTS:
        assert point in said, point


def test_the_audit_trail_tells_what_a_trigger_ended(faulty):
    failed = [e for e in faulty.server.audit() if e["kind"] == "trigger_failed"]
    for point in ("define_auth_challenge", "create_auth_challenge", "pre_authentication",
                  "verify_auth_challenge_response", "pre_sign_up"):
        assert any(point in e["detail"] for e in failed), point


def test_the_server_is_well_after_all_that(faulty):
    faulty.server.run("user", "add", ALICE)
    session = faulty.initiate(ALICE)["Session"]
    assert faulty.answer(session, "right", ALICE)["AuthenticationResult"]
    assert faulty.server.client().get("/readyz").status == 200


@pytest.fixture
def triggered(fresh, tmp_path):
    return lambda bodies, change=None, **more: Triggered(fresh, tmp_path, bodies, change, **more)


def test_a_program_that_is_not_there_any_more(triggered):
    it = triggered(THREE)
    (it.triggers.directory / "create_auth_challenge").unlink()
    error, message = refusal(it.initiate)
    assert error == FAILED
    assert re.fullmatch(r"CreateAuthChallenge invocation failed due to error .+\.", message)
    assert str(it.triggers.directory) not in message
    assert str(it.triggers.directory) in it.server.said()
    it.triggers.set("create_auth_challenge", CREATE)
    assert it.sign_in()


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757, 0o644])
def test_a_program_that_others_may_write_is_not_run(triggered, mode):
    it = triggered(THREE)
    (it.triggers.directory / "define_auth_challenge").chmod(mode)
    assert refusal(it.initiate)[0] == FAILED
    assert not it.triggers.notes()


def test_a_failed_start_keeps_the_next_from_nothing(triggered):
    """Nothing was asked, so nobody has to wait, and nothing was used up but the start."""
    it = triggered({**THREE, "create_auth_challenge": "sys.exit(1)"},
                   lambda c: c.update(code={"resend_after": "60s"}))
    for _ in range(5):
        assert refusal(it.initiate)[0] == REFUSED
    it.triggers.set("create_auth_challenge", CREATE)
    session = it.initiate()["Session"]
    assert it.answer(session, it.triggers.codes()[-1])["AuthenticationResult"]


def test_the_sdk_retries_what_it_retries_at_aws(triggered):
    """These are the client's faults in the model: nobody runs a program again and again."""
    it = triggered({**THREE, "define_auth_challenge": "os.kill(os.getpid(), 9)"})
    it.pool.sdk = sdk(it.server.url, retries=2)
    assert refusal(it.initiate)[0] == FAILED
    assert len(it.triggers.notes()) == 1


def test_known_and_unknown_fail_alike(triggered):
    for body in ("say({'errorMessage': 'x'}); sys.exit()", "os.kill(os.getpid(), 9)",
                 "print('x'); sys.exit()"):
        it = triggered({**THREE, "create_auth_challenge": body})
        assert refusal(it.initiate) == refusal(lambda: it.initiate("nobody@example.org"))
        it.triggers.set("create_auth_challenge", CREATE)
        it.triggers.set("verify_auth_challenge_response", body)
        told = []
        for user in (ALICE, "nobody@example.org"):
            session = it.initiate(user)["Session"]
            told.append(refusal(lambda: it.answer(session, "x", user)))
        assert told[0] == told[1]
        it.server.kill()


def test_what_a_handler_throws_is_told_in_its_own_language(triggered):
    it = triggered({**THREE, "pre_authentication":
                    "say({'errorMessage': 'Gesperrt für José: “früher” 密码'}); sys.exit()"})
    assert refusal(it.initiate) == (
        REFUSED, "PreAuthentication failed with error Gesperrt für José: “früher” 密码.")


def test_what_a_handler_throws_is_told_but_not_all_of_it(triggered):
    it = triggered({**THREE, "pre_authentication":
                    "say({'errorMessage': 'a\\nb\\x1b[31m' + 'x' * 5000}); sys.exit()"})
    error, message = refusal(it.initiate)
    assert error == REFUSED and message.startswith("PreAuthentication failed with error a")
    assert len(message) < 1000 and "\x1b" not in message and "\n" not in message
    assert "\x1b" not in it.server.said()


def test_what_programs_write_beside_goes_to_the_log(triggered):
    it = triggered({**THREE, "create_auth_challenge":
                    "print('created for', event['userName'], file=sys.stderr)\n" + CREATE,
                    "define_auth_challenge": "sys.stderr.write('loud \\x1b[31m' * 20_000)\n"
                    + DEFINE})
    before = len(it.server.said())
    it.sign_in()
    said = until(lambda: f"created for {ALICE}" in it.server.said() and it.server.said())
    assert "\x1b" not in said and "loud" in said
    # Two events of define, 4 KiB each and what the escapes add, and what is logged anyway.
    assert len(said) - before < 32_000


def test_an_orphan_of_a_program_holds_nobody_up(triggered):
    it = triggered({**THREE, "verify_auth_challenge_response": """
if os.fork() == 0:
    time.sleep(30)
    os._exit(0)
""" + VERIFY})
    began = time.monotonic()
    assert it.sign_in()
    assert time.monotonic() - began < 20
