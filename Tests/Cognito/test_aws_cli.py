"""The lines of a tutorial, typed as they are, with --endpoint-url."""

import json
import pathlib
import subprocess
import sys

import pytest

AWS = pathlib.Path(sys.executable).with_name("aws")


@pytest.fixture
def aws(server, tmp_path):
    key = server.json("apikey", "add", f"cli-{tmp_path.name}")

    def run(*words, code=0):
        done = subprocess.run(
            [sys.executable, AWS, "cognito-idp", *words, "--endpoint-url", server.url],
            capture_output=True, text=True, timeout=60, env={
                "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_REGION": "local", "AWS_DEFAULT_REGION": "local",
                "AWS_PAGER": "", "AWS_ACCESS_KEY_ID": key["access_key_id"],
                "AWS_SECRET_ACCESS_KEY": key["secret_access_key"]})
        assert done.returncode == code, done
        return json.loads(done.stdout) if code == 0 else done.stderr

    return run


def test_signing_in(server, pool, aws, user):
    asked = aws("initiate-auth", "--auth-flow", "CUSTOM_AUTH", "--client-id", pool.id,
                "--auth-parameters", f"USERNAME={user}")
    answer = ("respond-to-auth-challenge", "--client-id", pool.id, "--challenge-name",
              "CUSTOM_CHALLENGE", "--session", asked["Session"], "--challenge-responses")
    result = aws(*answer, f"USERNAME={user},ANSWER={server.code(user)}")["AuthenticationResult"]
    assert result["IdToken"]
    again = aws("get-tokens-from-refresh-token", "--client-id", pool.id, "--refresh-token",
                result["RefreshToken"])
    assert again["AuthenticationResult"]["AccessToken"]
    said = aws(*answer, f"USERNAME={user},ANSWER=1", code=254)
    assert "(NotAuthorizedException)" in said and "Invalid session for the user." in said


def test_signing_in_from_a_back_end(server, pool, aws, user):
    asked = aws("admin-initiate-auth", "--user-pool-id", "local_Main", "--client-id", pool.id,
                "--auth-flow", "USER_AUTH", "--auth-parameters",
                f"USERNAME={user},PREFERRED_CHALLENGE=EMAIL_OTP")
    result = aws("admin-respond-to-auth-challenge", "--user-pool-id", "local_Main", "--client-id",
                 pool.id, "--challenge-name", "EMAIL_OTP", "--session", asked["Session"],
                 "--challenge-responses", f"USERNAME={user},EMAIL_OTP_CODE={server.code(user)}")
    assert result["AuthenticationResult"]["AccessToken"]


def test_signing_up(fresh, tmp_path):
    """The lines of a tutorial for users who sign up themselves."""
    server = fresh(lambda c: c.update(signup="open"))
    client, eve = server.json("client", "add", "app")["client_id"], "eve@example.org"

    def aws(*words, fails=False):
        done = subprocess.run(
            [sys.executable, AWS, "cognito-idp", *words, "--endpoint-url", server.url],
            capture_output=True, text=True, timeout=60, env={
                "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_REGION": "local", "AWS_DEFAULT_REGION": "local",
                "AWS_PAGER": "", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"})
        assert (done.returncode != 0) == fails, done
        return done.stderr if fails else json.loads(done.stdout or "{}")

    sub = aws("sign-up", "--client-id", client, "--username", eve, "--password", "Unused-1!",
              "--user-attributes", f"Name=email,Value={eve}")["UserSub"]
    aws("confirm-sign-up", "--client-id", client, "--username", eve, "--confirmation-code",
        server.code(eve))
    asked = aws("initiate-auth", "--client-id", client, "--auth-flow", "CUSTOM_AUTH",
                "--auth-parameters", f"USERNAME={eve}")
    tokens = aws("respond-to-auth-challenge", "--client-id", client, "--challenge-name",
                 "CUSTOM_CHALLENGE", "--session", asked["Session"], "--challenge-responses",
                 f"USERNAME={eve},ANSWER={server.code(eve, after=1)}")["AuthenticationResult"]
    access = ("--access-token", tokens["AccessToken"])
    aws("update-user-attributes", *access, "--user-attributes", "Name=name,Value=Eve")
    told = aws("get-user", *access)
    assert told["Username"] == sub
    assert {"Name": "name", "Value": "Eve"} in told["UserAttributes"]
    aws("revoke-token", "--client-id", client, "--token", tokens["RefreshToken"])
    assert "Access Token has been revoked" in aws("get-user", *access, fails=True)
