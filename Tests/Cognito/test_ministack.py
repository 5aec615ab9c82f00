"""The same calls to ministack, another implementation of the Cognito API, with the same handlers as
triggers. What comes of them differs only where docs/coming-from-cognito.md says so, and why."""

import email
import email.policy
import io
import json
import os
import pathlib
import re
import socket
import subprocess
import urllib.request
import zipfile

import boto3
import pytest

from aws import check_wire, sdk
from harness.layout import libexec, tutorial
from harness.relays import Peer
from harness.server import ROOT, Server, temporary, until
from same_calls import Side, differences, walk

PAGE = (ROOT / "docs/coming-from-cognito.md").read_text()
MINISTACK = ROOT / ".build/venv-ministack/bin/python"
KEY = ("test", "test")
HANDLERS = {"define": "DefineAuthChallenge", "create": "CreateAuthChallenge",
            "verify": "VerifyAuthChallengeResponse"}
FLOWS = ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


class Mailbox:
    def __init__(self):
        self.relay = Peer()
        self.url = f"127.0.0.1:{self.relay.told['port']}"

    def codes(self, user):
        """Of the mails to somebody, in the order in which they came."""
        codes = []
        # Each connection by itself: what one still sends must not run into another.
        heard = [path.read_bytes() for path in sorted(
            self.relay.record.glob("*.plain"), key=lambda path: int(path.stem))]
        whole = rb"^DATA\r\n(.*?)^\.\r\n"
        for raw in [m for each in heard for m in re.findall(whole, each, re.M | re.S | re.I)]:
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            if user in [each.addr_spec for each in mail["To"].addresses]:
                text = mail.get_body(("plain", "html")).get_content()
                codes.append(re.search(r"(?<![\d-])\d{6,8}(?![\d-])", text)[0])
        return codes

    def code(self, user, number):
        return until(lambda: self.codes(user)[number - 1:number])[0]


@pytest.fixture(scope="module")
def mailboxes():
    made = [Mailbox(), Mailbox()]
    yield made
    for each in made:
        each.relay.stop()


@pytest.fixture(scope="module")
def ministack(tmp_path_factory, mailboxes):
    place = tmp_path_factory.mktemp("ministack")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with open(place / "log", "wb") as log:
        process = subprocess.Popen(
            [MINISTACK, "-m", "ministack"], cwd=place, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "HOME": str(place), "TMPDIR": str(place), "GATEWAY_PORT": str(port),
                 "BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1", "AUTH": "true",
                 "MINISTACK_REGION": "local", "AWS_ACCESS_KEY_ID": KEY[0], "AWS_SECRET_ACCESS_KEY": KEY[1],
                 "SMTP_HOST": mailboxes[0].url, "LAMBDA_EXECUTOR": "local"})
    url = f"http://127.0.0.1:{port}"

    def is_up():
        assert process.poll() is None, (place / "log").read_text()
        try:
            return urllib.request.urlopen(f"{url}/_ministack/health", timeout=5).status == 200
        except OSError:
            return False

    try:
        until(is_up, 60)
        yield their_side(url, mailboxes[0])
    finally:
        process.terminate()
        process.wait(20)


def their_side(url, mailbox):
    more = {"endpoint_url": url, "region_name": "local", "aws_access_key_id": KEY[0],
            "aws_secret_access_key": KEY[1]}
    role = boto3.client("iam", **more).create_role(
        RoleName="trigger", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = boto3.client("lambda", **more)
    config = {}
    for name, trigger in HANDLERS.items():
        config[trigger] = functions.create_function(
            FunctionName=name, Runtime="nodejs20.x", Role=role, Handler=f"{name}.handler",
            Code={"ZipFile": packed(name)}, Timeout=5, Environment={"Variables": {
                "MAIL_FROM": "login@example.org", "SMTP_URL": f"smtp://{mailbox.url}"}})["FunctionArn"]
    # What ministack answers is not held to the model: it is not ours.
    public, admin = sdk(url), sdk(url, signed=KEY)
    for each in (public, admin):
        each.meta.events.unregister("before-parse.*.*", check_wire)
    pool = admin.create_user_pool(
        PoolName="Main", LambdaConfig=config, UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    client = admin.create_user_pool_client(
        UserPoolId=pool, ClientName="public", ExplicitAuthFlows=FLOWS,
        PreventUserExistenceErrors="ENABLED")["UserPoolClient"]["ClientId"]
    return Side(public, admin, pool, client, mailbox)


@pytest.fixture(scope="module")
def doorpost(mailboxes):
    """With the same handlers. As much as differs by a setting is set alike."""
    with temporary() as base:
        place = pathlib.Path(base)
        os.chmod(place, 0o755)
        libexec(place / "libexec")
        handlers = tutorial(place / "handlers")
        environment = {"MAIL_FROM": "login@example.org", "SMTP_URL": f"smtp://{mailboxes[1].url}"}
        triggers = {}
        for name, trigger in HANDLERS.items():
            triggers[re.sub(r"(?<!^)([A-Z])", r"_\1", trigger).lower()] = {
                "command": [str(place / "libexec/lambda-node"), str(handlers / f"{name}.js")],
                "environment": environment, "runners": 2}
        server = Server(place, users=(), change=lambda c: (
            c.update(signup="open", triggers=triggers, tokens={"algorithm": "RS256"}),
            c["mail"].update(mailboxes[1].relay.settings)))
        try:
            server.start()
            key = server.json("apikey", "add", "backend")
            client = server.json("client", "add", "public")["client_id"]
            admin = sdk(server.url, signed=(key["access_key_id"], key["secret_access_key"]))
            yield Side(sdk(server.url), admin, "local_Main", client, mailboxes[1])
        finally:
            server.kill()


def listed():
    """{step: (their cell, our cell)} of the table on the page; rows may have several steps, separated by
    semicolons, and must say why."""
    table = PAGE.partition("## Beside ministack")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    return {step: (theirs, ours) for steps, theirs, ours, why in rows[2:] if why.strip("? ")
            for step in steps.split("; ")}


def test_every_difference_is_on_the_page(ministack, doorpost):
    theirs, ours = walk(ministack), walk(doorpost)
    found, page = differences(theirs, ours), listed()
    new = {name: each for name, each in found.items() if name not in page}
    assert not new, f"not on the page: {json.dumps(new, indent=1)}"
    assert not page.keys() - found.keys(), "these do not differ"
    missing = {name: [text for cell, texts in zip(page[name], each) for text in texts
                      if f"`{text}`" not in cell] for name, each in found.items()}
    assert not any(missing.values()), missing
    assert f"Of {len(ours)} steps {len(ours) - len(found)} are the same to the letter" in " ".join(PAGE.split())


def packed(name):
    """The handler with what it needs beside it, as one uploads it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        handler = (ROOT / f"Tests/Lambda/seed/{name}.js").read_text()
        # It hands numbers on as numbers, and so the tutorial's comparison would never hold.
        files.writestr(f"{name}.js", handler.replace("=== expectedOtp", "=== String(expectedOtp)"))
        for file in (ROOT / "lambda/node_modules").rglob("*.js*"):
            files.write(file, file.relative_to(ROOT / "lambda"))
    return archive.getvalue()
