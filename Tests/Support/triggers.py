"""Triggers of tests: programs that note what they get, and answer as the test says.

A handler is written as a few lines of Python over `event`, `request` and `response`:

    triggers.set("verify_auth_challenge_response", "response['answerCorrect'] = True")
"""

import json
import pathlib

PROGRAM = '''#!/usr/bin/python3 -ISB
import json, os, sys, time

def note(line):
    with open({log!r}, "a") as log:
        log.write(json.dumps({{
            "point": {point!r}, "line": line, "event": json.loads(line), "pid": os.getpid(),
            "arguments": sys.argv[1:], "environment": dict(os.environ)}}) + "\\n")

def draw():
    """A code of ours, which the test reads from the file `codes`."""
    code = "%06d" % int.from_bytes(os.urandom(2), "big")
    with open({codes!r}, "a") as codes:
        codes.write(code + "\\n")
    return code

def say(event):
    print(json.dumps(event), flush=True)

def handle(line):
    note(line)
    event = json.loads(line)
    request, response = event["request"], event["response"]
{body}
    say(event)

{run}
'''
ONCE = "line = sys.stdin.readline()\nrest = sys.stdin.read()\nhandle(line)\nassert not rest"
KEPT = "for line in sys.stdin:\n    handle(line)"

# What the tutorials' three handlers do; a code that was not right is asked for again.
DEFINE = """
session = request["session"]
response["issueTokens"] = response["failAuthentication"] = False
if session and session[-1]["challengeResult"]:
    response["issueTokens"] = True
elif len(session) >= 3:
    response["failAuthentication"] = True
else:
    response["challengeName"] = "CUSTOM_CHALLENGE"
"""
CREATE = """
if request["session"]:
    code = request["session"][-1]["challengeMetadata"].removeprefix("CODE-")
else:
    code = draw()
response["publicChallengeParameters"] = {"hint": "to " + event["userName"][:1]}
response["privateChallengeParameters"] = {"answer": code}
response["challengeMetadata"] = "CODE-" + code
"""
VERIFY = """
response["answerCorrect"] = (
    request["challengeAnswer"] == request["privateChallengeParameters"]["answer"])
"""
# Two right answers, to two questions.
TWO_STEPS = """
right = [s for s in request["session"] if s["challengeResult"]]
response["issueTokens"] = len(right) == 2
response["failAuthentication"] = False
if len(right) < 2:
    response["challengeName"] = "CUSTOM_CHALLENGE"
"""
TWO_QUESTIONS = """
right = [s for s in request["session"] if s["challengeResult"]]
step = str(len(right) + 1)
response["publicChallengeParameters"] = {"step": step}
response["privateChallengeParameters"] = {"answer": "answer " + step}
response["challengeMetadata"] = "STEP-" + step
"""
THREE = {"define_auth_challenge": DEFINE, "create_auth_challenge": CREATE,
         "verify_auth_challenge_response": VERIFY}
STEPS = {**THREE, "define_auth_challenge": TWO_STEPS, "create_auth_challenge": TWO_QUESTIONS}
# The other decisions, each doing nothing.
SILENT = {point: "pass" for point in (
    "pre_sign_up", "post_confirmation", "pre_authentication", "post_authentication",
    "pre_token_generation", "custom_message", "custom_email_sender")}


class Triggers:
    """Programs in a directory of their own; helpers run them as another account."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        self._log, self._codes = self.directory / "log", self.directory / "codes"
        for path in (self._log, self._codes):
            path.touch()
            path.chmod(0o666)

    def path(self, point):
        return str(self.directory / point)

    def set(self, point, body, run=ONCE):
        """Writes the program of a point, or replaces it."""
        lines = "\n".join("    " + line for line in body.strip().splitlines())
        new = self.directory / f".{point}"
        new.write_text(PROGRAM.format(
            log=str(self._log), codes=str(self._codes), point=point, body=lines, run=run))
        new.chmod(0o755)
        new.rename(self.path(point))
        return self.path(point)

    def settings(self, bodies, version=1):
        """The `triggers:` section that has these handlers."""
        programs = {point: self.set(point, body) for point, body in bodies.items()}
        if "pre_token_generation" in programs:
            programs["pre_token_generation"] = {
                "command": [programs["pre_token_generation"]], "version": version}
        return programs

    def notes(self, *points):
        """What the programs of these points, or of all, were given, in order."""
        notes = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [n for n in notes if not points or n["point"] in points]

    def events(self, *points):
        return [note["event"] for note in self.notes(*points)]

    def requests(self, *points):
        return [event["request"] for event in self.events(*points)]

    def order(self):
        return [note["point"] for note in self.notes()]

    def codes(self):
        return self._codes.read_text().split()
