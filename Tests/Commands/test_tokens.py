"""`doorpost token verify` and sessions, with tokens that PyJWT signed with the instance's key."""

import sqlite3
import time

import pytest

jwt = pytest.importorskip("jwt")
JTI = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def signed_in(alice):
    """Alice's session, as a sign-in leaves it; returns the instance and how to sign a token."""
    user = alice("user", "show", "alice", "--json").json["id"]
    now = int(time.time())
    database = sqlite3.connect(alice.path / "doorpost.db")
    database.execute(
        "INSERT INTO sessions (id, user_id, door, service, host, source, tty, created_at, expires_at)"
        " VALUES (?, ?, 'pam', 'sshd', 'wks1', '192.0.2.1', 'ssh', ?, ?)",
        (JTI, user, now * 1000, (now + 3600) * 1000))
    database.commit()
    database.close()
    [file] = (alice.path / "keys").glob("*.pem")
    head, mark, pem = file.read_text().partition("-----BEGIN")
    claims = {
        "iss": "http://127.0.0.1:8425", "sub": user, "aud": "host:wks1", "exp": now + 3600,
        "iat": now, "auth_time": now, "jti": JTI, "amr": ["otp"], "email": "alice@example.org",
        "preferred_username": "alice", "host": "wks1", "service": "sshd", "rhost": "192.0.2.1",
        "tty": "ssh", "token_use": "session",
    }

    def sign(payload=None, alone=False, **changes):
        return jwt.encode(
            payload if alone else {**claims, **changes}, mark + pem, algorithm="ES256",
            headers={"kid": file.stem})

    return alice, sign, claims


def web(claims, use):
    """The same sign-in's id or access token."""
    kept = {key: claims[key] for key in ("iss", "sub", "exp", "iat", "auth_time", "amr")}
    more = {"aud": "https://app.example.org", "email": "alice@example.org", "email_verified": True,
            "name": "\u00c4lice"} if use == "id" else {}
    return {**kept, **more, "sid": JTI, "jti": "9" * 32, "groups": ["ops"], "token_use": use}


@pytest.mark.parametrize("use", ["id", "access"])
def test_tokens_of_web_sessions_too(signed_in, use):
    instance, sign, claims = signed_in
    expected = web(claims, use)
    token = sign(expected, alone=True)
    result = instance("token", "verify", token)
    assert result.code == 0 and result.json == expected and result.err == "", result
    audience = instance("token", "verify", token, "--audience", "https://app.example.org")
    assert audience.code == (0 if use == "id" else 1)
    other = instance("token", "verify", token, "--audience", "https://other.example")
    assert other.code == 1 and "audience" in other.err
    assert instance("session", "revoke", JTI).code == 0
    result = instance("token", "verify", token)
    assert result.code == 1 and "was revoked" in result.err


def test_claims_are_shown(signed_in):
    instance, sign, claims = signed_in
    result = instance("token", "verify", sign(), "--audience", "host:wks1")
    assert result.code == 0, result
    assert result.json == claims and result.err == ""


def test_by_file_standard_input_and_environment(signed_in):
    instance, sign, claims = signed_in
    file = instance.path / "x.jwt"
    file.write_text(sign() + "\n")
    assert instance("token", "verify", str(file)).json == claims
    assert instance("token", "verify", "-", stdin=sign().encode()).json == claims
    assert instance("token", "verify", env={"DOORPOST_SESSION_FILE": str(file)}).json == claims


@pytest.mark.parametrize("changes,audience,said", [
    ({"aud": "host:other"}, "host:wks1", ""), ({"iss": "https://evil.example"}, None, ""),
    ({"exp": 1_700_000_000, "iat": 1_699_999_000, "auth_time": 1_699_999_000}, None, ""),
    ({"token_use": "access"}, None, ""), ({"jti": "f" * 32}, None, "knows no session"),
])
def test_what_is_not_valid(signed_in, changes, audience, said):
    instance, sign, _ = signed_in
    result = instance("token", "verify", sign(**changes), *(("--audience", audience) if audience else ()))
    assert result.code == 1 and result.out == "" and "not valid" in result.err and said in result.err


def test_the_list_and_a_revocation(signed_in):
    instance, sign, _ = signed_in
    [session] = instance("session", "list", "alice", "--json").json
    assert set(session) == {"id", "user_id", "email", "door", "service", "host", "source", "tty",
                            "created_at", "expires_at"}
    assert session["id"] == JTI and session["email"] == "alice@example.org"
    assert JTI in instance("session", "list").out
    assert instance("session", "revoke", JTI).code == 0
    result = instance("token", "verify", sign())
    assert result.code == 1 and "was revoked" in result.err
    result = instance("session", "revoke", JTI)
    assert result.code == 1 and "has ended already" in result.err
    assert instance("session", "list", "--json").json == []


def test_revoke_all_of_a_user(signed_in):
    instance, sign, _ = signed_in
    assert "revoked 1 session of" in instance("session", "revoke", "--user", "alice").out
    assert instance("token", "verify", sign()).code == 1


def test_disabling_ends_sessions(signed_in):
    instance, sign, _ = signed_in
    assert instance("user", "disable", "alice").code == 0
    assert instance("token", "verify", sign()).code == 1


def test_keys_that_were_seen_by_others(signed_in):
    instance, sign, _ = signed_in
    token = sign()
    assert instance("key", "rotate", "--now").code == 0
    assert instance("token", "verify", token).code == 1


def test_a_store_that_cannot_be_read_is_a_note(signed_in):
    instance, sign, claims = signed_in
    store = instance.path / "doorpost.db"
    store.unlink()
    for _ in ("missing", "no file"):
        result = instance("token", "verify", sign())
        assert result.code == 0 and result.json == claims and "not checked" in result.err
        assert not store.is_file()
        store.mkdir(exist_ok=True)
