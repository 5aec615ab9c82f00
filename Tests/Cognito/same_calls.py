"""The same calls for any implementation of the Cognito API, each step with what came of it, without what
is different each time (ids, times, tokens)."""

import base64
import json
import re
import uuid

import botocore.exceptions

ALICE, BOB, CAROL, DAVE, EVE, NOBODY = (
    f"{name}@example.org" for name in ("alice", "bob", "carol", "dave", "eve", "nobody"))
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")
# Lists of Name and Value, compared without their order.
ATTRIBUTES = ("UserAttributes", "Attributes")


class Side:
    """One implementation: boto3 without and with a key, a pool, a client that has no secret, and where
    its mail goes."""

    def __init__(self, public, admin, pool, client, mailbox):
        # Of two like requests in one second the signature is the same, and good once.
        admin.meta.events.register("before-sign.*.*", lambda request, **_: request.headers.add_header(
            "X-Amz-Nonce", uuid.uuid4().hex))
        self.public, self.admin, self.pool, self.client = public, admin, pool, client
        self.mailbox = mailbox
        self.steps = {}

    def code(self, user, number):
        """In the mail of that number to somebody, once it is there."""
        return self.mailbox.code(user, number)

    def step(self, name, call, **arguments):
        """Makes the call, and notes what came. Returns the answer, or an empty one."""
        assert name not in self.steps, name
        try:
            answer = call(**arguments)
        except botocore.exceptions.ClientError as error:
            told = error.response["Error"]
            self.steps[name] = (told["Code"], self.without_ids(told["Message"]))
            return {}
        answer.pop("ResponseMetadata")
        self.steps[name] = dict(self.leaves(answer))
        return answer

    def note(self, name, value):
        self.steps[name] = dict(self.leaves(value))

    def without_ids(self, text):
        for id, word in ((self.pool, "<pool>"), (self.client, "<client>")):
            text = text.replace(id, word)
        return UUID.sub("<uuid>", text)

    def leaves(self, value, path=""):
        """(path, text) of everything in an answer."""
        if isinstance(value, dict):
            for key, member in value.items():
                if key in ATTRIBUTES:
                    member = {each["Name"]: each["Value"] for each in member}
                yield from self.leaves(member, f"{path}.{key}" if path else key)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, member in enumerate(value):
                yield from self.leaves(member, f"{path}[{number}]")
        else:
            yield path, self.leaf(path.rpartition(".")[2], value)

    def leaf(self, name, value):
        if hasattr(value, "isoformat"):
            return "<time>"
        if name in ("Session", "RefreshToken", "event_id", "jti", "origin_jti"):
            return f"<{name}>"
        if name in ("iat", "exp", "auth_time"):
            return "<time>"
        text = value if isinstance(value, str) else json.dumps(value)
        if JWT.fullmatch(text) and text.startswith("eyJ"):
            return "<jwt>"
        return self.without_ids(text)

    # What a program does.

    def initiate(self, name, user, flow="CUSTOM_AUTH", **more):
        return self.step(name, self.public.initiate_auth, ClientId=self.client, AuthFlow=flow,
                         AuthParameters={"USERNAME": user, **more})

    def answer(self, name, user, session, answer, challenge="CUSTOM_CHALLENGE", member="ANSWER"):
        return self.step(name, self.public.respond_to_auth_challenge, ClientId=self.client,
                         ChallengeName=challenge, Session=session,
                         ChallengeResponses={"USERNAME": user, member: answer})


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def walk(side):
    """Everything, in an order that works. Returns the steps."""
    administration(side)
    signing_in(side)
    strangers(side)
    tokens_and_sessions(side)
    signing_up(side)
    the_end(side)
    return side.steps


def administration(side):
    step, admin, pool = side.step, side.admin, {"UserPoolId": side.pool}
    made = step("AdminCreateUser", admin.admin_create_user, **pool, Username=ALICE, MessageAction="SUPPRESS",
                UserAttributes=[{"Name": "email", "Value": ALICE}, {"Name": "email_verified", "Value": "true"}])
    side.note("what a user name is", {
        "Username": "<uuid>" if UUID.fullmatch(made["User"]["Username"]) else "the address"})
    for user in (BOB, CAROL, DAVE):
        admin.admin_create_user(**pool, Username=user, MessageAction="SUPPRESS", UserAttributes=[
            {"Name": "email", "Value": user}, {"Name": "email_verified", "Value": "true"}])
    step("AdminCreateUser, taken", admin.admin_create_user, **pool, Username=ALICE, MessageAction="SUPPRESS")
    step("AdminGetUser", admin.admin_get_user, **pool, Username=ALICE)
    step("AdminGetUser, nobody", admin.admin_get_user, **pool, Username=NOBODY)
    step("AdminGetUser, no pool", admin.admin_get_user, UserPoolId="local_None1", Username=ALICE)
    step("AdminUpdateUserAttributes", admin.admin_update_user_attributes, **pool, Username=ALICE,
         UserAttributes=[{"Name": "name", "Value": "Alice"}])
    step("ListUsers", admin.list_users, **pool, Filter=f'email = "{ALICE}"')
    step("ListUsers, wrong filter", admin.list_users, **pool, Filter="email")
    step("CreateGroup", admin.create_group, **pool, GroupName="staff", Description="who works here")
    step("CreateGroup, taken", admin.create_group, **pool, GroupName="staff")
    step("AdminAddUserToGroup", admin.admin_add_user_to_group, **pool, GroupName="staff", Username=ALICE)
    step("AdminAddUserToGroup, no group", admin.admin_add_user_to_group, **pool, GroupName="none",
         Username=ALICE)
    step("AdminListGroupsForUser", admin.admin_list_groups_for_user, **pool, Username=ALICE)
    step("ListUsersInGroup", admin.list_users_in_group, **pool, GroupName="staff")
    step("DescribeUserPoolClient, nobody's", admin.describe_user_pool_client, **pool, ClientId="0" * 26)
    step("an administrator's call, unsigned", side.public.admin_get_user, **pool, Username=ALICE)


def signing_in(side):
    asked = side.initiate("InitiateAuth CUSTOM_AUTH", ALICE)
    again = side.answer("a wrong answer", ALICE, asked["Session"], "1")
    side.note("the Session after a wrong answer", {"is new": again["Session"] != asked["Session"]})
    done = side.answer("the right answer", ALICE, again["Session"], side.code(ALICE, 2))
    result = done["AuthenticationResult"]
    for use in ("Id", "Access"):
        side.note(f"claims of the {use.lower()} token", claims(result[f"{use}Token"]))
    side.answer("the right answer, again", ALICE, again["Session"], side.code(ALICE, 2))
    session = side.initiate("another sign-in", BOB)["Session"]
    for number in ("first", "second"):
        session = side.answer(f"the {number} of three wrong answers", BOB, session, "1")["Session"]
    side.answer("the third of three wrong answers", BOB, session, "1")
    side.answer("after three wrong answers", BOB, session, "1")
    session = side.initiate("a third sign-in", CAROL)["Session"]
    side.answer("its wrong answer", CAROL, session, "1")
    side.answer("the Session before that", CAROL, session, "1")
    side.answer("a Session that is none", BOB, "x" * 30, "1")
    side.step("RespondToAuthChallenge without ANSWER", side.public.respond_to_auth_challenge,
              ClientId=side.client, ChallengeName="CUSTOM_CHALLENGE", ChallengeResponses={"USERNAME": BOB})
    side.step("InitiateAuth without USERNAME", side.public.initiate_auth, ClientId=side.client,
              AuthFlow="CUSTOM_AUTH", AuthParameters={})
    side.step("InitiateAuth, no such client", side.public.initiate_auth, ClientId="0" * 26,
              AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": ALICE})
    side.step("InitiateAuth, no such flow", side.public.initiate_auth, ClientId=side.client,
              AuthFlow="NO_AUTH", AuthParameters={"USERNAME": ALICE})
    side.initiate("InitiateAuth USER_PASSWORD_AUTH", ALICE, "USER_PASSWORD_AUTH", PASSWORD="Unused-1!")
    side.step("AdminInitiateAuth", side.admin.admin_initiate_auth, UserPoolId=side.pool,
              ClientId=side.client, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": CAROL})
    side.result = result


def strangers(side):
    side.initiate("InitiateAuth, nobody", NOBODY)
    side.initiate("USER_AUTH", CAROL, "USER_AUTH")
    side.initiate("USER_AUTH, EMAIL_OTP", CAROL, "USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")
    pool = {"UserPoolId": side.pool, "Username": CAROL}
    side.step("AdminDisableUser", side.admin.admin_disable_user, **pool)
    side.initiate("InitiateAuth, disabled", CAROL)
    side.step("AdminEnableUser", side.admin.admin_enable_user, **pool)


def tokens_and_sessions(side):
    step, public, result = side.step, side.public, side.result
    access, refresh = {"AccessToken": result["AccessToken"]}, result["RefreshToken"]
    step("GetUser", public.get_user, **access)
    step("GetUser, no token", public.get_user, AccessToken="none")
    step("GetUser with an id token", public.get_user, AccessToken=result["IdToken"])
    step("GetUserAuthFactors", public.get_user_auth_factors, **access)
    step("UpdateUserAttributes", public.update_user_attributes, **access,
         UserAttributes=[{"Name": "name", "Value": "Alice A."}])
    step("UpdateUserAttributes, unknown", public.update_user_attributes, **access,
         UserAttributes=[{"Name": "shoe_size", "Value": "9"}])
    step("REFRESH_TOKEN_AUTH", public.initiate_auth, ClientId=side.client, AuthFlow="REFRESH_TOKEN_AUTH",
         AuthParameters={"REFRESH_TOKEN": refresh})
    step("REFRESH_TOKEN_AUTH, none", public.initiate_auth, ClientId=side.client,
         AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": "none"})
    step("GetTokensFromRefreshToken", public.get_tokens_from_refresh_token, ClientId=side.client,
         RefreshToken=refresh)
    step("RevokeToken, an access token", public.revoke_token, ClientId=side.client,
         Token=result["AccessToken"])
    step("RevokeToken", public.revoke_token, ClientId=side.client, Token=refresh)
    step("GetUser, revoked", public.get_user, **access)
    step("REFRESH_TOKEN_AUTH, revoked", public.initiate_auth, ClientId=side.client,
         AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": refresh})


def signing_up(side):
    step, public, client = side.step, side.public, {"ClientId": side.client}
    step("SignUp", public.sign_up, **client, Username=EVE, Password="Unused-1!",
         UserAttributes=[{"Name": "email", "Value": EVE}])
    code = side.code(EVE, 1)
    step("SignUp, taken", public.sign_up, **client, Username=ALICE, Password="Unused-1!",
         UserAttributes=[{"Name": "email", "Value": ALICE}])
    step("ConfirmSignUp, wrong code", public.confirm_sign_up, **client, Username=EVE, ConfirmationCode="1")
    step("ResendConfirmationCode", public.resend_confirmation_code, **client, Username=EVE)
    step("ConfirmSignUp", public.confirm_sign_up, **client, Username=EVE, ConfirmationCode=code)
    step("ConfirmSignUp, again", public.confirm_sign_up, **client, Username=EVE, ConfirmationCode=code)
    step("AdminGetUser, signed up", side.admin.admin_get_user, UserPoolId=side.pool, Username=EVE)


def the_end(side):
    pool = {"UserPoolId": side.pool}
    asked = side.initiate("a last sign-in", DAVE)
    done = side.answer("its answer", DAVE, asked["Session"], side.code(DAVE, 1))
    access = {"AccessToken": done["AuthenticationResult"]["AccessToken"]}
    side.step("GlobalSignOut", side.public.global_sign_out, **access)
    side.step("GetUser, signed out", side.public.get_user, **access)
    side.step("AdminUserGlobalSignOut", side.admin.admin_user_global_sign_out, **pool, Username=ALICE)
    side.step("AdminDeleteUser", side.admin.admin_delete_user, **pool, Username=BOB)
    side.step("AdminDeleteUser, nobody", side.admin.admin_delete_user, **pool, Username=BOB)
    side.step("DeleteGroup", side.admin.delete_group, **pool, GroupName="staff")


def differences(theirs, ours):
    """{step: (what is theirs alone, what is ours alone)}, each a list of short texts."""
    assert theirs.keys() == ours.keys()
    found = {}
    for name in theirs:
        mine, yours = ours[name], theirs[name]
        if mine == yours:
            continue
        found[name] = (told(yours, mine), told(mine, yours))
    return found


def told(one, other):
    if isinstance(one, tuple):
        name, message = one
        return [name if isinstance(other, dict) or name != other[0] else cut(message)]
    if isinstance(other, tuple):
        return ["200"]
    return sorted(f"{path}: {text}" if path in other else path
                  for path, text in one.items() if other.get(path) != text)


def cut(text):
    return text if len(text) <= 70 else f"{text[:70]}…"
