"""The three triggers of a custom challenge as one program that is kept running: a code of eight
digits, which it sends to whoever listens at the socket that the environment's CODES names.

    {"triggerSource":…,"request":…,"response":…}  one a line, in and out
"""

import json
import os
import secrets
import socket
import sys

LISTENER = os.environ.get("CODES")
POST = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)


def define(request, response):
    rounds = request["session"]
    response["issueTokens"] = bool(rounds) and rounds[-1]["challengeResult"]
    response["failAuthentication"] = not response["issueTokens"] and len(rounds) >= 3
    response["challengeName"] = "CUSTOM_CHALLENGE"


def create(request, response):
    code = f"{secrets.randbelow(10**8):08}"
    address = request["userAttributes"]["email"]
    POST.sendto(f"{address} {code}".encode(), LISTENER)
    response["publicChallengeParameters"] = {"email": address}
    response["privateChallengeParameters"] = {"code": code}


def verify(request, response):
    response["answerCorrect"] = (
        request["challengeAnswer"] == request["privateChallengeParameters"]["code"])


TRIGGERS = {"DefineAuthChallenge_Authentication": define,
            "CreateAuthChallenge_Authentication": create,
            "VerifyAuthChallengeResponse_Authentication": verify}

for line in sys.stdin:
    event = json.loads(line)
    TRIGGERS[event["triggerSource"]](event["request"], event["response"])
    print(json.dumps(event), flush=True)
