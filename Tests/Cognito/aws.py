"""boto3 pointed at a server of ours, and every answer held to botocore's service model."""

import base64
import hashlib
import hmac
import json

import boto3
import botocore.config
import botocore.exceptions
import botocore.session
from botocore import UNSIGNED
from botocore.validate import ParamValidator

MODEL = botocore.session.get_session().get_service_model("cognito-idp")


# What any operation of any service may answer, which no model lists.
COMMON = (
    "SerializationException", "UnknownOperationException", "MissingAuthenticationTokenException",
    "IncompleteSignatureException", "InvalidSignatureException", "UnrecognizedClientException")


def sdk(url, signed=None, retries=0, **more):
    """boto3's client. `signed` is an (access key id, secret) of ours."""
    key = dict(zip(("aws_access_key_id", "aws_secret_access_key"), signed or ()))
    client = boto3.client(
        "cognito-idp", endpoint_url=url, region_name=more.pop("region", "local"), **key,
        config=botocore.config.Config(
            retries={"total_max_attempts": retries + 1, "mode": "standard"},
            parameter_validation=False,  # what is wrong shall reach the server
            **({} if signed else {"signature_version": UNSIGNED}), **more))
    client.meta.events.register("before-parse.*.*", check_wire)
    return client


def check_wire(operation_model, response_dict, **_):
    """What the model says of answers, before botocore drops what it does not know."""
    headers, status = response_dict["headers"], response_dict["status_code"]
    body = json.loads(response_dict["body"])
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["x-amzn-requestid"]
    if status == 200:
        if operation_model.output_shape is None:
            assert body == {}
            return
        unknown(body, operation_model.output_shape)
        report = ParamValidator().validate(body, operation_model.output_shape)
        assert not report.has_errors(), report.generate_report()
    else:
        name = body["__type"]
        assert set(body) <= {"__type", "message", "reasonCode"} and body["message"]
        assert headers["x-amzn-errortype"] == f"{name}:"
        assert status == (500 if name == "InternalErrorException" else 400)
        if name not in COMMON:
            assert name in [shape.name for shape in operation_model.error_shapes], name


def unknown(value, shape, path="output"):
    """No member that the model does not have."""
    if shape.type_name == "structure":
        assert set(value) <= set(shape.members), (path, value)
        for name, member in value.items():
            unknown(member, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            unknown(item, shape.member, f"{path}[]")


def secret_hash(secret, client_id, username):
    digest = hmac.new(secret.encode(), (username + client_id).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def refusal(call):
    """(error name, message) of a call that is refused."""
    try:
        answer = call()
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError(f"it was not refused: {answer}")


class Pool:
    """One app client of one server."""

    def __init__(self, server, client, **more):
        self.server, self.sdk = server, sdk(server.url, **more)
        self.id, self.secret = client["client_id"], client["client_secret"]

    def hashed(self, username, parameters):
        more = {"SECRET_HASH": secret_hash(self.secret, self.id, username)} if self.secret else {}
        return {**more, **parameters}

    def initiate(self, username, flow="CUSTOM_AUTH", **parameters):
        return self.sdk.initiate_auth(
            AuthFlow=flow, ClientId=self.id,
            AuthParameters=self.hashed(username, {"USERNAME": username, **parameters}))

    def respond(self, username, challenge, session, **responses):
        return self.sdk.respond_to_auth_challenge(
            ClientId=self.id, ChallengeName=challenge, Session=session,
            ChallengeResponses=self.hashed(username, {"USERNAME": username, **responses}))

    def answer(self, username, session, answer):
        return self.respond(username, "CUSTOM_CHALLENGE", session, ANSWER=answer)

    def sign_in(self, user):
        """The tokens of a whole sign-in."""
        before = len(self.server.mails(user))
        session = self.initiate(user)["Session"]
        code = self.server.code(user, before)
        return self.answer(user, session, code)["AuthenticationResult"]

    def refresh(self, token, user=None):
        return self.sdk.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH", ClientId=self.id,
            AuthParameters=self.hashed(user or "", {"REFRESH_TOKEN": token}))
