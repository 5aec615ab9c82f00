"""Servers with triggers."""

import pathlib
import sys
import uuid

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "Support"))

from aws import Pool, sdk  # noqa: E402
from triggers import Triggers  # noqa: E402

ALICE = "alice@example.org"


class Triggered:
    """A server with these handlers at its points, and boto3 for it."""

    def __init__(self, start, directory, bodies, change=None, version=1, **more):
        self.triggers = Triggers(pathlib.Path(directory) / "triggers")
        settings = self.triggers.settings(bodies, version)

        def configure(config):
            config["triggers"] = settings
            if change:
                change(config)

        self.server = start(configure, **more)
        self.pool = Pool(self.server, self.server.json("client", "add", "app"))

    def backend(self):
        """boto3 with an API key."""
        made = self.server.json("apikey", "add", "admin")
        client = sdk(self.server.url, signed=(made["access_key_id"], made["secret_access_key"]))
        # As in conftest.py: two like requests in one second have a signature each.
        client.meta.events.register(
            "before-sign.*.*", lambda request, **_: request.headers.add_header(
                "X-Amz-Nonce", uuid.uuid4().hex))
        return client

    def sign_up(self, user, **more):
        return self.pool.sdk.sign_up(ClientId=self.pool.id, Username=user, **more)

    def confirm(self, user, code, **more):
        return self.pool.sdk.confirm_sign_up(
            ClientId=self.pool.id, Username=user, ConfirmationCode=code, **more)

    def initiate(self, user=ALICE, metadata=None):
        return self.pool.sdk.initiate_auth(
            AuthFlow="CUSTOM_AUTH", ClientId=self.pool.id, AuthParameters={"USERNAME": user},
            **({"ClientMetadata": metadata} if metadata else {}))

    def answer(self, session, answer, user=ALICE, metadata=None):
        return self.pool.sdk.respond_to_auth_challenge(
            ClientId=self.pool.id, ChallengeName="CUSTOM_CHALLENGE", Session=session,
            ChallengeResponses={"USERNAME": user, "ANSWER": answer},
            **({"ClientMetadata": metadata} if metadata else {}))

    def sign_in(self, user=ALICE, metadata=None):
        """The tokens of a sign-in with the code that is mailed, or that a trigger drew."""
        drawn, mailed = len(self.triggers.codes()), len(self.server.mails(user))
        session = self.initiate(user)["Session"]
        codes = self.triggers.codes()[drawn:]
        code = codes[-1] if codes else self.server.code(user, mailed)
        return self.answer(session, code, user, metadata)["AuthenticationResult"]

    def sessions(self):
        return self.server.json("session", "list")
