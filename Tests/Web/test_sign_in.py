"""CONTRACT.md §6, call by call."""

import base64
import json

import jwt
import pytest

from harness.server import until, wrong


def test_a_code_signs_in_and_its_tokens_verify_with_a_library_of_others(server, users):
    user = users()
    client = server.client()
    started = client.initiate(user)
    assert started.status == 200
    assert set(started.json) == {"session", "code_length", "code_alphabet", "expires_in",
                                 "resend_in"}
    assert started.json["code_length"] == 8 and started.json["code_alphabet"] == "digits"
    assert 290 <= started.json["expires_in"] <= 300
    code = server.code(user)
    reply = client.verify(started.json["session"], f"{code[:4]} {code[4:]}", email=user.upper())
    assert reply.status == 200
    assert set(reply.json) == {"id_token", "access_token", "refresh_token", "token_type",
                               "expires_in"}
    keys = client.get("/.well-known/jwks.json")
    assert keys.headers["Cache-Control"] == "public, max-age=300"
    for name in ("id_token", "access_token"):
        token = reply.json[name]
        kid = jwt.get_unverified_header(token)["kid"]
        [key] = [k for k in keys.json["keys"] if k["kid"] == kid]
        claims = jwt.decode(
            token, jwt.PyJWK.from_dict(key).key, algorithms=["ES256"],
            issuer="http://127.0.0.1:8425",
            audience="http://127.0.0.1:8425" if name == "id_token" else None)
        assert claims["token_use"] == name.split("_")[0] and claims["amr"] == ["otp"]
    assert claims["sub"] == client.get(
        "/auth/me", headers={"Authorization": f"Bearer {reply.json['access_token']}"}).json["sub"]


def test_a_wrong_code_costs_a_try_and_the_third_ends_it(server, users):
    user = users()
    client = server.client()
    session = client.initiate(user).json["session"]
    code = server.code(user)
    for left in (2, 1, 0):
        reply = client.verify(session, wrong(code))
        assert (reply.status, reply.error) == (401, "code_mismatch")
        assert reply.json["attempts_left"] == left
    reply = client.verify(session, code)
    assert (reply.status, reply.error, reply.json["attempts_left"]) == (401, "code_mismatch", 0)


def test_a_code_is_good_once(server, users):
    user = users()
    client = server.client()
    session = client.initiate(user).json["session"]
    code = server.code(user)
    assert client.verify(session, code).status == 200
    again = client.verify(session, code)
    assert (again.status, again.error) == (401, "session_invalid")


def test_a_code_is_good_with_its_own_session_and_address_only(server, users):
    one, two = users(), users()
    client = server.client()
    mine, other = client.initiate(one).json["session"], client.initiate(two).json["session"]
    code = server.code(one)
    assert client.verify(other, code).error == "code_mismatch"
    assert client.verify(mine, code, email=two).error == "session_invalid"
    forged = mine[:-2] + ("AA" if mine[-2:] != "AA" else "BB")
    for session in ("", "x", forged, mine + "A", "A" * 5000):
        reply = client.verify(session, code)
        assert reply.error in ("session_invalid", "invalid_request"), session
    assert client.verify(mine, code, email=one).status == 200


def test_a_reload_goes_on_with_the_same_code_and_tries(server, users):
    user = users()
    client = server.client("198.51.100.7")
    first = client.initiate(user).json["session"]
    code = server.code(user)
    assert client.verify(first, wrong(code)).json["attempts_left"] == 2
    second = client.initiate(user).json["session"]
    assert second != first
    assert client.verify(second, wrong(code)).json["attempts_left"] == 1
    assert client.verify(first, code).status == 200
    assert len(server.mails(user)) == 1


def test_a_resend_is_the_same_code_and_no_new_tries(server, users):
    user = users()
    client = server.client()
    session = client.initiate(user).json["session"]
    code = server.code(user)
    client.verify(session, wrong(code))
    again = client.post("/auth/resend", {"session": session})
    assert again.status == 200 and again.json["session"] == session
    assert server.code(user, after=1) == code
    first, second = server.mails(user)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert client.verify(session, wrong(code)).json["attempts_left"] == 1
    assert client.verify(session, code).status == 200


def test_a_resend_waits(fresh):
    server = fresh(lambda c: c.update(code={"resend_after": "60s"}))
    started = server.client().initiate("alice@example.org")
    assert 55 <= started.json["resend_in"] <= 60
    reply = server.client().post("/auth/resend", {"session": started.json["session"]})
    assert (reply.status, reply.error) == (429, "rate_limited")
    assert reply.headers["Retry-After"] == str(reply.json["retry_after"])
    assert 55 <= reply.json["retry_after"] <= 60


def test_me_by_bearer_and_by_cookie(server, users):
    user = users()
    reply = server.sign_in(user, cookie=True)
    assert set(reply.json) == {"expires_in"}
    cookies = reply.cookies()
    assert set(cookies) == {"__Host-doorpost-id", "__Host-doorpost-access",
                            "__Host-doorpost-refresh"}
    for value, attributes in cookies.values():
        assert {"secure", "httponly", "path=/"} <= set(attributes)
        assert "samesite=lax" in attributes or "samesite=strict" in attributes
        assert not any(a.startswith("domain") for a in attributes)
    jar = "; ".join(f"{name}={value}" for name, (value, _) in cookies.items())
    me = server.client().get("/auth/me", headers={"Cookie": jar})
    assert me.status == 200 and me.json["email"] == user
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eA=="},
                    {"Authorization": f"Bearer {cookies['__Host-doorpost-id'][0]}"},
                    {"Authorization": f"Bearer {cookies['__Host-doorpost-refresh'][0]}"}):
        refused = server.client().get("/auth/me", headers=headers)
        assert (refused.status, refused.error) == (401, "token_invalid")


def test_refresh_rotates_and_a_spent_token_ends_the_family(fresh):
    server = fresh(lambda c: c.update(tokens={"refresh_grace": "0s"}))
    client = server.client()
    first = server.sign_in().json
    second = client.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert second.status == 200 and second.json["refresh_token"] != first["refresh_token"]
    bearer = {"Authorization": f"Bearer {second.json['access_token']}"}
    assert client.get("/auth/me", headers=bearer).status == 200
    reused = client.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert (reused.status, reused.error) == (401, "token_invalid")
    assert client.get("/auth/me", headers=bearer).status == 401
    gone = client.post("/auth/refresh", {"refresh_token": second.json["refresh_token"]})
    assert gone.status == 401
    assert "refresh_reused" in {e["kind"] for e in server.audit()}


def test_refresh_within_the_grace_gives_the_same_successor(server, users):
    client = server.client()
    token = server.sign_in(users()).json["refresh_token"]
    answers = [client.post("/auth/refresh", {"refresh_token": token}) for _ in range(3)]
    assert {a.status for a in answers} == {200}
    assert len({a.json["refresh_token"] for a in answers}) == 1


@pytest.mark.parametrize("how", ["body", "cookie"])
def test_logout_ends_the_session_at_once(server, users, how):
    client = server.client()
    reply = server.sign_in(users(), cookie=how == "cookie")
    if how == "body":
        bearer = {"Authorization": f"Bearer {reply.json['access_token']}"}
        done = client.post("/auth/logout", {"refresh_token": reply.json["refresh_token"]})
    else:
        bearer = {"Cookie": "; ".join(f"{n}={v}" for n, (v, _) in reply.cookies().items())}
        done = client.post("/auth/logout", headers=bearer)
        assert all("max-age=0" in attributes for _, attributes in done.cookies().values())
    assert done.status == 204 and done.raw == b""
    assert client.get("/auth/me", headers=bearer).status == 401


def test_sessions_are_listed_and_revoked_by_the_administrator(fresh):
    server = fresh()
    reply = server.sign_in(client=server.client("203.0.113.77")).json
    [session] = server.json("session", "list")
    assert session["door"] == "web" and session["source"] == "203.0.113.77"
    server.run("session", "revoke", session["id"])
    client = server.client()
    bearer = {"Authorization": f"Bearer {reply['access_token']}"}
    assert client.get("/auth/me", headers=bearer).status == 401
    assert client.post("/auth/refresh", {"refresh_token": reply["refresh_token"]}).status == 401


def test_a_disabled_user_is_out_at_once(fresh):
    server = fresh()
    reply = server.sign_in().json
    server.run("user", "disable", "alice@example.org")
    bearer = {"Authorization": f"Bearer {reply['access_token']}"}
    assert server.client().get("/auth/me", headers=bearer).status == 401
    assert server.client().post(
        "/auth/refresh", {"refresh_token": reply["refresh_token"]}).status == 401


def test_nothing_secret_is_in_the_log_or_the_store(fresh):
    server = fresh()
    reply = server.sign_in().json
    code = server.code()
    server.stop()
    held = server.said().encode() + b"".join(
        p.read_bytes() for p in server.directory.glob("doorpost.db*"))
    for secret in (code, reply["access_token"], reply["id_token"], reply["refresh_token"],
                   reply["refresh_token"].split(".")[2]):
        assert secret.encode() not in held


def test_sign_up(fresh):
    server = fresh(lambda c: c.update(signup=["example.net"]))
    client = server.client()
    shapes = set()
    for who in ("new@example.net", "new@sub.example.net", "new@example.com", "alice@example.org"):
        reply = client.initiate(who)
        assert reply.status == 200
        shapes.add((tuple(sorted(reply.json)), len(reply.raw)))
    assert len(shapes) == 1
    reply = server.sign_in("two@example.net", client=server.client("192.0.2.1"))
    assert {m.to for m in server.mails()} == {
        "new@example.net", "alice@example.org", "two@example.net"}
    found = {u["email"]: u for u in server.json("user", "list")}
    assert set(found) == {"alice@example.org", "two@example.net"}
    assert found["two@example.net"].get("login") is None
    claims = json.loads(base64.urlsafe_b64decode(
        reply.json["id_token"].split(".")[1] + "=="))
    assert claims["email"] == "two@example.net" and "preferred_username" not in claims


def test_the_relay_is_down_and_comes_back(fresh, tmp_path):
    """Nobody is counted while no mail can go; and it heals by itself."""
    import socket
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = fresh(lambda c: c["mail"].update(transport=f"smtp://127.0.0.1:{port}", tls="none"),
                   start=False)
    server.start(ready=False)
    client = server.client()

    def refused():
        reply = client.initiate("alice@example.org")
        return reply if reply.status == 503 else None

    reply = until(refused)
    assert reply.error == "mail_unavailable" and int(reply.headers["Retry-After"]) >= 1
    unknown = client.initiate("nobody@example.org")
    assert (unknown.status, unknown.error) == (503, "mail_unavailable")
    ready = client.get("/readyz")
    # Told, but a load balancer would find no better server: store and keys are well.
    assert ready.status == 200 and ready.json["mail"] == "failed"
    assert client.get("/healthz").status == 200
