"""The two tutorials of docs/coming-from-cognito.md, followed to the letter."""

import base64
import email
import email.policy
import json
import re
import shutil

from harness.relays import Peer
from harness.server import ROOT, until
from tutorial import PAGE, Reader

ALICE = "alice@example.org"


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_cognito_api_gateway_lambda_dynamodb_ses_and_s3(fresh, tmp_path):
    server = fresh(users=())

    def code():
        """Of the sign-in's mail; the one of `mail test` has none."""
        box = server.directory / "outbox"
        texts = (email.message_from_bytes(p.read_bytes(), policy=email.policy.default)
                 .get_body(("plain",)).get_content() for p in box.glob("*.eml"))
        return next((found[1] for t in texts if (found := re.search(r"^ {4}(\d{8})\s*$", t, re.M))), None)

    reader = Reader(server, tmp_path, lambda: until(code))
    reader.restart()
    *_, last = reader.follow(
        "An OTP system of Cognito, API Gateway, Lambda, DynamoDB, SES and S3")
    tokens = json.loads((reader.home / "tokens.json").read_text())
    assert set(tokens) == {"id_token", "access_token", "refresh_token", "token_type", "expires_in"}
    assert claims(tokens["id_token"])["email"] == ALICE
    assert ALICE in last and "signed_in" in last
    from_their_page = server.client().call(
        "POST", "/auth/initiate", {"email": ALICE}, {"Origin": "https://www.example.org"})
    assert from_their_page.headers["Access-Control-Allow-Origin"] == "https://www.example.org"


def test_lambda_triggers_and_the_sdk(fresh, tmp_path):
    """Needs a Doorpost with triggers."""
    server, relay = fresh(users=()), Peer()
    try:
        def codes():
            return [re.search(r"<strong>(\d{6})</strong>", email.message_from_bytes(
                raw, policy=email.policy.default).get_content())[1] for raw in re.findall(
                    rb"^DATA\r\n(.*?)^\.\r\n", relay.heard(), re.MULTILINE | re.DOTALL)]

        # One for the first question, one for the second.
        reader = Reader(server, tmp_path, lambda: until(lambda: codes()[1:2])[0],
                        [("smtp://127.0.0.1:25", f"smtp://127.0.0.1:{relay.told['port']}")])
        for name in ("define", "create", "verify"):
            shutil.copy(ROOT / f"Tests/Lambda/seed/{name}.js", reader.home)
        reader.restart()
        *_, last = reader.follow("Custom authentication with Lambda triggers and the SDK")
        told = {a["Name"]: a["Value"] for a in json.loads(last)["UserAttributes"]}
        assert told["email"] == ALICE
        tokens = json.loads((reader.home / "tokens.json").read_text())
        assert claims(tokens["IdToken"])["email"] == ALICE and tokens["RefreshToken"]
        assert len(codes()) == 2
        assert relay.heard().count(f"RCPT TO:<{ALICE}>".encode()) == 2
    finally:
        relay.stop()


def test_every_step_of_theirs_is_on_the_page():
    """The parts that the tutorials name, by their names."""
    for name in ("S3", "API Gateway", "/auth/initiate", "/auth/verify", "initiate-auth", "verify-otp",
                 "DynamoDB", "otp-storage", "SES", "CloudWatch", "IAM", "index.html", "home.html", "auth.js",
                 "styles.css", "CORS", "TTL", "httpOnly", "SendEmail", "define.js", "create.js", "verify.js"):
        assert name in PAGE, name
