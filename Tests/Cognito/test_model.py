"""Every operation that is answered, held to botocore's service model: what the model calls wrong
is wrong here, in AWS's words, and nothing else is."""

import http.client
import json
import re
import string
import urllib.parse
import uuid

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aws import MODEL

PREFIX = "AWSCognitoIdentityProviderService."
OPEN = (
    "InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken", "SignUp",
    "ConfirmSignUp", "ResendConfirmationCode", "GetUser", "UpdateUserAttributes", "DeleteUser",
    "GetUserAuthFactors", "GlobalSignOut", "RevokeToken")
SIGNED = (
    "AdminAddUserToGroup", "AdminConfirmSignUp", "AdminCreateUser", "AdminDeleteUser",
    "AdminDisableUser", "AdminEnableUser", "AdminGetUser", "AdminInitiateAuth",
    "AdminListGroupsForUser", "AdminListUserAuthEvents", "AdminRemoveUserFromGroup",
    "AdminRespondToAuthChallenge", "AdminUpdateUserAttributes", "AdminUserGlobalSignOut",
    "CreateGroup", "CreateUserPoolClient", "DeleteGroup", "DescribeUserPool",
    "DescribeUserPoolClient", "GetGroup", "ListGroups", "ListUserPoolClients", "ListUserPools",
    "ListUsers", "ListUsersInGroup")
ANSWERED = OPEN + SIGNED


def post(url, operation, body, headers=None):
    """(status, body, headers) of a request made by hand."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=20)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": PREFIX + operation,
              **(headers or {})}
    connection.request("POST", "/", raw, {k: v for k, v in fields.items() if v is not None})
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return reply.status, json.loads(text), reply.headers


def sample(shape):
    """A value that the model allows and that names nothing of ours."""
    if shape.type_name == "structure":
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if shape.type_name in ("map", "list"):
        return {} if shape.type_name == "map" else []
    if shape.type_name == "boolean":
        return False
    if shape.type_name in ("integer", "long"):
        return shape.metadata.get("min", 1)
    if shape.enum:
        return shape.enum[0]
    pattern, least = shape.metadata.get("pattern"), shape.metadata.get("min", 1)
    for text in ("a" * max(least, 1), "a_" + "0" * max(least - 2, 1),
                 "arn:aws:iam::123456789012:role/x"):
        if pattern is None or re.fullmatch(java(pattern), text):
            return text
    raise AssertionError(f"no sample for {shape}")


def java(pattern):
    for name, chars in (("L", "^\\W\\d_"), ("M", ""), ("S", "+$^<>=`|~"), ("N", "\\d"),
                        ("P", string.punctuation), ("Z", " ")):
        pattern = pattern.replace(r"\p{%s}" % name, re.escape(chars) if name in "SP" else
                                  "a-zA-Z" if name == "L" else "0-9" if name == "N" else
                                  " " if name == "Z" else "")
    return pattern


def places(shape, path=()):
    """(path in the input, shape) of every member, deep down; 0 is the first of a list."""
    if shape.type_name == "structure":
        inner = shape.members.items()
    elif shape.type_name == "list" and shape.member.type_name == "structure":
        inner = [(0, shape.member)]
    else:
        return
    for name, member in inner:
        yield path + (name,), member
        yield from places(member, path + (name,))


def step(shape, name):
    return shape.member if name == 0 else shape.members[name]


def with_value(request, path, value, shape):
    """The request with a value at a path, with what the structures on the way require."""
    request = json.loads(json.dumps(request))
    here, structure = request, shape
    for name in path[:-1]:
        structure = step(structure, name)
        if name == 0:
            here.append(sample(structure))
            here = here[0]
        else:
            here = here.setdefault(name, sample(structure))
    if path[-1] == 0:
        here.append(value)
    elif value is None:
        here.pop(path[-1], None)
    else:
        here[path[-1]] = value
    return request


def told(path):
    return ".".join("1.member" if name == 0 else name[0].lower() + name[1:] for name in path)


def shape_at(operation, path):
    shape = MODEL.operation_model(operation).input_shape
    for name in path:
        shape = step(shape, name)
    return shape


CASES = [(operation, path) for operation in ANSWERED
         for path, _ in places(MODEL.operation_model(operation).input_shape)]


def signed(url, key, operation, body):
    """The headers of a request that botocore signed, as if it were another second each time:
    a signature is good once."""
    request = AWSRequest("POST", url + "/", data=body, headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": PREFIX + operation,
        "X-Amz-Nonce": uuid.uuid4().hex})
    SigV4Auth(Credentials(*key), "cognito-idp", "local").add_auth(request)
    return dict(request.headers.items())


@pytest.fixture(scope="module")
def wire(server):
    made = server.json("apikey", "add", "model")
    key = made["access_key_id"], made["secret_access_key"]

    def send(operation, body, headers=None):
        if operation in SIGNED:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            return post(server.url, operation, raw, signed(server.url, key, operation, raw))
        return post(server.url, operation, body, headers)

    return send


def refused(wire, operation, path, value, constraint):
    root = MODEL.operation_model(operation).input_shape
    status, body, _ = wire(operation, with_value(sample(root), path, value, root))
    assert (status, body["__type"]) == (400, "InvalidParameterException"), body
    assert re.fullmatch(
        r"\d+ validation errors? detected: .*", body["message"], re.DOTALL), body
    assert (f"at '{told(path)}' failed to satisfy constraint: {constraint}") in body["message"]
    # What is secret by the model is in no message.
    if shape_at(operation, path).metadata.get("sensitive") and isinstance(value, str) and value:
        assert value not in body["message"]


@pytest.mark.parametrize("operation,path", CASES)
def test_constraints(wire, operation, path):
    shape = shape_at(operation, path)
    root = MODEL.operation_model(operation).input_shape
    parent = root if len(path) == 1 else shape_at(operation, path[:-1])
    if parent.type_name == "structure" and path[-1] in parent.required_members:
        refused(wire, operation, path, None, "Member must not be null")
    data = shape.metadata
    if shape.type_name == "integer":
        for end, value, word in (("min", data.get("min", 0) - 1, "greater"),
                                 ("max", data.get("max", 0) + 1, "less")):
            if end in data:
                refused(wire, operation, path, value,
                        f"Member must have value {word} than or equal to {data[end]}")
    if shape.type_name != "string":
        return
    if shape.enum:
        for value in ("", "x", shape.enum[0].swapcase()):
            refused(wire, operation, path, value,
                    f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        for value in shape.enum:
            status, body, _ = wire(operation, with_value(sample(root), path, value, root))
            assert "constraint" not in body.get("message", ""), body
    if data.get("min", 0) > 0:
        refused(wire, operation, path, "a" * (data["min"] - 1),
                f"Member must have length greater than or equal to {data['min']}")
    if data.get("max", 1 << 30) < 10000:
        refused(wire, operation, path, "a" * (data["max"] + 1),
                f"Member must have length less than or equal to {data['max']}")
    if "pattern" in data:
        pattern = java(data["pattern"])
        for char in string.printable + "é€":
            value = sample(shape) + char
            if len(value) > data.get("max", 1 << 30):
                continue
            _, body, _ = wire(operation, with_value(sample(root), path, value, root))
            is_wrong = f"at '{told(path)}'" in body.get("message", "")
            if char.isascii():
                assert is_wrong == (re.fullmatch(pattern, value, re.ASCII) is None), (value, body)
            if is_wrong:
                assert f"regular expression pattern: {data['pattern']}" in body["message"]


def items(shape, value):
    """(value, place in it, constraint) of lists with one item that the model forbids."""
    if shape.type_name == "structure":
        required = {name: sample(shape.members[name]) for name in shape.required_members}
        for name in shape.required_members:
            yield {k: v for k, v in required.items() if k != name}, "." + told((name,)), "null"
        for name, member in shape.members.items():
            for wrong, place, constraint in items(member, value):
                yield {**required, name: wrong}, f".{told((name,))}{place}", constraint
    elif shape.type_name == "string":
        data = shape.metadata
        if shape.enum:
            yield "x", "", "enum value set"
        if data.get("max", 1 << 30) < 10000:
            yield "a" * (data["max"] + 1), "", f"less than or equal to {data['max']}"
        if data.get("min", 0) > 0:
            yield "", "", f"greater than or equal to {data['min']}"
        if "pattern" in data:
            yield sample(shape) + "\x07", "", f"pattern: {data['pattern']}"


LISTS = [(operation, path) for operation, path in CASES
         if shape_at(operation, path).type_name == "list"]


@pytest.mark.parametrize("operation,path", LISTS)
def test_items_of_lists(wire, operation, path):
    root, shape = MODEL.operation_model(operation).input_shape, shape_at(operation, path)
    good = sample(shape.member)
    for wrong, place, constraint in items(shape.member, None):
        told_of = wire(operation, with_value(sample(root), path, [good, wrong], root))[1]
        assert told_of["__type"] == "InvalidParameterException", told_of
        assert f"at '{told(path)}.2.member{place}' failed" in told_of["message"], told_of
        assert constraint in told_of["message"]
    if "max" in shape.metadata:
        refused(wire, operation, path, [good] * (shape.metadata["max"] + 1),
                f"Member must have length less than or equal to {shape.metadata['max']}")
    for wrong in (7, True, [], "x" if shape.member.type_name != "string" else {}):
        told_of = wire(operation, with_value(sample(root), path, [wrong], root))[1]
        assert told_of["__type"] == "SerializationException", (wrong, told_of)


@pytest.mark.parametrize("operation,path", CASES)
def test_values_of_another_kind(wire, operation, path):
    shape = shape_at(operation, path)
    root = MODEL.operation_model(operation).input_shape
    mine = {"string": str, "structure": dict, "map": dict, "list": list, "boolean": bool,
            "integer": int}[shape.type_name]
    for value in ("text", 7, 1.5, True, False, [], [[]], {}, {"a": []}):
        if type(value) is mine and value != {"a": []}:
            continue
        if value == {"a": []} and shape.type_name == "structure":
            continue  # a member that nobody knows
        status, body, _ = wire(operation, with_value(sample(root), path, value, root))
        assert (status, body["__type"]) == (400, "SerializationException"), (value, body)


@pytest.mark.parametrize("operation", ANSWERED)
def test_several_errors_are_all_told(wire, operation):
    root = MODEL.operation_model(operation).input_shape
    status, body, _ = wire(operation, {})
    count = len(root.required_members)
    assert status == 400 and body["message"].startswith(
        f"{count} validation error{'s' * (count > 1)} detected: Value null at '")
    assert body["message"].count("Member must not be null") == count


@pytest.mark.parametrize("operation", ANSWERED)
def test_null_and_unknown_members_are_as_good_as_none(wire, operation):
    root = MODEL.operation_model(operation).input_shape
    plain = wire(operation, sample(root))
    optional = [n for n in root.members if n not in root.required_members]
    for more in ({name: None for name in optional}, {"Unknown": [1, {"x": None}]}):
        again = wire(operation, {**sample(root), **more})
        assert again[:2] == plain[:2]


BODIES = [
    b"", b" ", b"{", b"[]", b"null", b"1", b'"x"', b"{}{}", b"\xff\xfe{}", b'{"ClientId":"\xff"}',
    b"{'a':1}", b'{"ClientId":"a","ClientId":"b"}', b'{"ClientId":"a","Client\\u0049d":"b"}',
    b'{"AuthParameters":{"USERNAME":"a","USERNAME":"b"}}', b"[" * 9000, b'{"a":' * 3000,
    b'{"ClientId":"\\ud800"}', b'{"a":NaN}', b"\xef\xbb\xbf{}",
]


@pytest.mark.parametrize("body", BODIES, ids=[repr(b[:24]) for b in BODIES])
def test_bodies_that_are_no_json_object(wire, body):
    status, told, headers = wire("InitiateAuth", body)
    assert (status, told["__type"]) == (400, "SerializationException")
    assert headers["x-amzn-ErrorType"] == "SerializationException:" and told["message"]


def test_a_body_that_is_too_large(wire):
    status, _, _ = wire("InitiateAuth", {"ClientId": "a" * 20000})
    assert status == 413


def test_operations_that_are_not_there(wire, server):
    for name in ("Nothing", "initiateauth", "", "InitiateAuth.x"):
        status, told, headers = wire(name, {})
        assert (status, told["__type"]) == (400, "UnknownOperationException")
        assert headers["x-amzn-RequestId"] and headers["Content-Type"] == \
            "application/x-amz-json-1.1"
    for change in ({"X-Amz-Target": None}, {"X-Amz-Target": "InitiateAuth"},
                   {"X-Amz-Target": "AWSCognitoIdentityService.InitiateAuth"},
                   {"Content-Type": "text/plain"}, {"Content-Type": None},
                   {"Content-Type": "application/x-www-form-urlencoded"}):
        status, told, _ = wire("InitiateAuth", {}, headers=change)
        assert (status, told["__type"]) == (400, "UnknownOperationException"), change


def test_every_operation_of_the_model_is_answered_or_unknown(wire):
    for name in MODEL.operation_names:
        status, told, _ = wire(name, {})
        assert status in (400, 403), name
        unknown = told["__type"] == "UnknownOperationException"
        assert unknown == (name not in ANSWERED), name


@pytest.mark.parametrize("operation", ANSWERED)
def test_the_model_says_who_must_sign(server, operation):
    is_open = MODEL.operation_model(operation).auth_type == "none"
    assert is_open == (operation in OPEN)
    _, told, _ = post(server.url, operation, {})
    assert (told["__type"] == "MissingAuthenticationTokenException") != is_open
