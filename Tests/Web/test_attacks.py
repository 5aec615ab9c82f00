"""Attacks on the wire: rows of references/security.md that no other file here holds down.

docs/threat-model.md says for every row where it is tested; the numbers are those of its table.
"""

import base64
import hashlib
import hmac
import itertools
import json
import pathlib
import random
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.clock import Clock
from harness.server import until, wrong

LIFETIME = 300
ACCESS, REFRESH = "__Host-doorpost-access", "__Host-doorpost-refresh"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_no_answer_holds_the_code(server, users):
    """13: neither body nor headers, right or wrong."""
    user, client = users(), server.client()
    replies = [client.initiate(user)]
    session, code = replies[0].json["session"], server.code(user)
    replies += [
        client.initiate(user), client.post("/auth/resend", {"session": session}),
        client.verify(session, wrong(code)), client.verify(session, code, email="x@example.org"),
        client.verify(session, ""), client.verify(session, code), client.verify(session, code),
        client.get("/auth/me"), client.get("/metrics"), client.get("/readyz"), client.get("/")]
    assert [r.status for r in replies[:2]] == [200, 200] and replies[6].status == 200
    for reply in replies:
        seen = (reply.raw + str(reply.headers).encode()).replace(b" ", b"").replace(b"-", b"")
        assert code.encode() not in seen


def test_what_is_typed_is_not_written_down(fresh):
    """14: also wrong answers, which may be passwords; nor in the process's own papers."""
    server = fresh()
    client = server.client()
    session = client.initiate("alice@example.org").json["session"]
    code = server.code()
    for typed in ("hunter2-correct-horse", wrong(code), code):
        client.verify(session, typed)
    client.initiate("my-Password-by-mistake@example.org")
    client.post("/auth/initiate", {"username": "another-Password"})
    client.get("/auth/me?access_token=token-in-a-url")
    process = pathlib.Path("/proc") / str(server.process.pid)
    papers = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    server.stop()
    held = server.said().encode() + papers + b"".join(
        p.read_bytes() for p in server.directory.glob("doorpost.db*"))
    for secret in ("hunter2", wrong(code), code, "by-mistake", "another-Password",
                   "token-in-a-url"):
        assert secret.lower().encode() not in held.lower(), secret


def test_a_client_that_says_it_is_signed_in_is_not(server, users):
    """19: what the client claims to have been told counts nothing."""
    user, client = users(), server.client()
    session = client.initiate(user).json["session"]
    code = server.code(user)
    claims = {"ok": True, "verified": True, "attempts_left": 99, "error": None, "user": user}
    for left in (2, 1, 0):
        reply = client.verify(session, wrong(code), **claims)
        assert (reply.status, reply.json["attempts_left"]) == (401, left)
    assert client.verify(session, code, **claims).status == 401
    assert client.get("/auth/me", headers={"Cookie": f"{ACCESS}=true"}).status == 401


def test_tries_and_limits_survive_kill_and_restart(fresh):
    """3 and 24: counted in the store, for the account, over challenges and sources."""
    server = fresh(lambda c: c["limits"].update(failures_per_account="5/d"))
    client = server.client("192.0.2.1")
    session = client.initiate("alice@example.org").json["session"]
    code = server.code()
    assert client.verify(session, wrong(code)).json["attempts_left"] == 2
    server.kill()
    client = server.start().client("192.0.2.1")
    assert client.verify(session, wrong(code)).json["attempts_left"] == 1
    assert client.verify(session, wrong(code)).json["attempts_left"] == 0
    server.stop()
    client = server.start().client("192.0.2.2")
    second = client.initiate("alice@example.org").json["session"]
    newer = server.code(after=1)
    for _ in range(2):
        assert client.verify(second, wrong(newer)).error == "code_mismatch"
    refused = client.verify(second, newer)
    assert (refused.status, refused.error) == (429, "rate_limited")
    server.kill()
    client = server.start().client("192.0.2.3")
    assert client.initiate("alice@example.org").error == "rate_limited"
    assert client.verify(second, newer).status == 429


def test_a_fault_after_the_count_gives_no_try_back(fresh):
    """12: the right code, three times while nothing can be signed, is three tries."""
    server = fresh()
    client = server.client()
    session = client.initiate("alice@example.org").json["session"]
    code = server.code()
    keys = server.directory / "keys"
    [key] = keys.glob("*.pem")
    away = server.directory / key.name
    key.rename(away)
    for _ in range(3):
        reply = client.verify(session, code)
        assert reply.status >= 500, reply
    away.rename(key)
    until(lambda: client.get("/readyz").status == 200)
    reply = client.verify(session, code)
    assert (reply.status, reply.error, reply.json["attempts_left"]) == (401, "code_mismatch", 0)
    assert server.json("session", "list") == []


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_order_three_tries_and_one_session(fresh, tmp_path, seed):
    """20: eight clients do by chance what clients do, all on one user's challenges. In every second
    history the challenge's life ends somewhere in the middle."""
    server, clock, over = fresh(start=False), Clock(tmp_path), threading.Event()
    server.environment = clock.environment
    server.start()
    first = server.client("192.0.2.1").initiate("alice@example.org").json["session"]
    code = server.code()
    steps = ["wrong", "wrong", "right", "resend", "resume"]
    seen, late, lock = [], [], threading.Lock()

    def live(number):
        chance = random.Random(seed * 100 + number)
        client, session = server.client("192.0.2.1"), first
        for turn in range(12):
            if seed % 2 and (number, turn) == (0, seed % 12):
                clock.ahead(LIFETIME)
                over.set()
            was_over = over.is_set()
            step = chance.choices(steps, [3, 2, 1, 3, 3])[0]
            if step == "resend":
                reply = client.post("/auth/resend", {"session": session})
            elif step == "resume":
                reply = client.initiate("alice@example.org")
            else:
                reply = client.verify(session, code if step == "right" else wrong(code))
            with lock:
                seen.append((step, reply))
                late.extend([reply] if was_over and step in ("wrong", "right") else [])
            time.sleep(chance.random() / 200)

    threads = [threading.Thread(target=live, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 96 and all(reply.status < 500 for _, reply in seen)
    tries = [r for s, r in seen if s in ("wrong", "right")]
    left = [r.json["attempts_left"] for r in tries if "attempts_left" in r.json]
    # Each try that was looked at has a number of its own; after the last there are only noughts.
    assert left.count(2) <= 1 and left.count(1) <= 1
    signed_in = [r for r in tries if r.status == 200]
    assert len(signed_in) <= 1 and len(server.json("session", "list")) == len(signed_in)
    assert all(s == "right" for s, r in seen if r.status == 200 and "access_token" in r.json)
    assert not [reply for reply in late if reply.status == 200], "after its life"
    if not signed_in and not over.is_set():
        assert left.count(0) >= 1


def test_one_code_is_tried_on_many_challenges(server, users):
    """5 and 8: of twenty people's running challenges, a code opens its own."""
    client = server.client()
    people = [users() for _ in range(12)]
    sessions = [client.initiate(p).json["session"] for p in people]
    code = server.code(people[0])
    assert [client.verify(s, code).status for s in sessions[1:]] == [401] * 11
    assert client.verify(sessions[0], code).status == 200


def test_a_mailbox_is_not_flooded(fresh):
    """46: three hundred starts from as many places, with the limits of a new installation."""
    def standard(settings):
        del settings["limits"]
    server = fresh(standard)
    taken = {"": 0, "tagged": 0}
    for n in range(300):
        tag = f"+{n}" if n % 3 == 2 else ""
        reply = server.client(f"198.51.{n % 100}.{n // 100}").initiate(f"alice{tag}@example.org")
        assert reply.status in (200, 429)
        taken["tagged" if tag else ""] += reply.status == 200
    assert sum(taken.values()) == 5 and taken[""] > 0
    until(lambda: len(server.mails()) == taken[""])
    server.stop()
    assert [m.to for m in server.mails()] == ["alice@example.org"] * taken[""]


@pytest.mark.parametrize("headers", [
    {"X-Forwarded-Host": "evil.example"},
    {"Forwarded": "host=evil.example"}, {"User-Agent": "evil.example\tBcc: e@evil.example"},
    {"Referer": "https://evil.example/"}, {"X-Original-URL": "https://evil.example/"},
], ids=lambda h: next(iter(h)))
def test_no_header_gets_into_the_mail(server, users, headers):
    """40, 49, 51: the mail names the configured host, and there is no link to bend. (An unknown Host
    gets none at all: test_hosts.)"""
    user = users()
    assert server.client().initiate(user, headers=headers).status == 200
    mail = server.mail(user)
    assert b"evil" not in mail.raw and "on 127.0.0.1" in mail.text
    assert b"http:" not in mail.raw and b"https:" not in mail.raw
    # 52: a locked phone shows the subject.
    assert mail.code not in mail.message["Subject"]
    assert mail.message["Auto-Submitted"] == "auto-generated" and mail.message["Bcc"] is None


def test_a_sign_in_takes_no_identity_from_the_browser(server, users):
    """57: what stands in the cookies before is not what stands in them after."""
    user, client = users(), server.client()
    first = server.sign_in(user, cookie=True).cookies()
    jar = {"Cookie": "; ".join(f"{n}={v}" for n, (v, _) in first.items())}
    before = len(server.mails(user))
    session = client.initiate(user, headers=jar).json["session"]
    reply = client.post("/auth/verify", {
        "session": session, "otp": server.code(user, before), "cookie": True}, headers=jar)
    second = reply.cookies()
    assert all(second[name][0] != first[name][0] for name in first)
    sessions = [client.get("/auth/me", headers=bearer(c[ACCESS][0])).json["session"]
                for c in (first, second)]
    assert sessions[0] != sessions[1]


@pytest.mark.parametrize("prefix", [b"\xe2\x80\x80", b"\xc2\xa0", b"\x85", b"\xa0"])
def test_cookies_with_foreign_bytes_are_refused(server, users, prefix):
    """58: some servers trim what browsers do not, and take a name for a __Host- one."""
    value, _ = server.sign_in(users(), cookie=True).cookies()[ACCESS]
    connection = server.client().connection()
    connection.putrequest("GET", "/auth/me")
    connection.putheader("Cookie", prefix + f"{ACCESS}={value}".encode())
    connection.endheaders()
    assert connection.getresponse().status == 400
    for near in (f"__host-doorpost-access={value}", f"{ACCESS} ={value}", f"$Version=1; x={value}",
                 f'{ACCESS}="{value}"'):
        assert server.client().get("/auth/me", headers={"Cookie": near}).status == 401, near


# Forged tokens (61 to 67). All are made with the server's own key where a signature is asked for,
# so that only the one thing that is wrong can be why they are refused.

def encode(part):
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forge:
    def __init__(self, server, user):
        [path] = (server.directory / "keys").glob("*.pem")
        text = path.read_bytes()
        self.key = serialization.load_pem_private_key(text[text.index(b"-----BEGIN"):], None)
        self.kid = path.stem
        self.grant = server.sign_in(user).json
        self.claims = jwt.decode(self.grant["access_token"], options={"verify_signature": False})
        self.client = server.client()

    def make(self, header=None, claims=None, without=(), key=None, payload=None):
        head = {"alg": "ES256", "kid": self.kid, "typ": "JWT", **(header or {})}
        body = {**self.claims, **(claims or {})}
        for name in without:
            head.pop(name, None)
            body.pop(name, None)
        signed = f"{encode(head)}.{encode(payload if payload is not None else body)}"
        raw = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(
            signed.encode(), key or self.key)
        return f"{signed}.{encode(raw)}"

    def public(self):
        return self.key.public_key()

    def is_refused(self, token):
        reply = self.client.get("/auth/me", headers=bearer(token))
        by_cookie = self.client.get("/auth/me", headers={"Cookie": f"{ACCESS}={token}"})
        assert by_cookie.status == reply.status
        if reply.status == 401:
            assert reply.error == "token_invalid" and reply.headers["WWW-Authenticate"]
        return reply.status == 401


@pytest.fixture(scope="module")
def forge(server):
    return Forge(server, "alice@example.org")


def test_the_forge_makes_what_is_accepted(forge):
    assert not forge.is_refused(forge.make())
    assert not forge.is_refused(forge.grant["access_token"])


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "noNe", "none ", "", "null"])
def test_alg_none(forge, name):
    """61"""
    head, body, signature = forge.make().split(".")
    head = encode({"alg": name, "kid": forge.kid, "typ": "JWT"})
    for end in ("", signature, "AA"):
        assert forge.is_refused(f"{head}.{body}.{end}")
    assert forge.is_refused(f"{head}.{body}")


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_the_public_key_is_no_shared_secret(forge, alg):
    """62"""
    public = forge.public()
    forms = [
        public.public_bytes(e, serialization.PublicFormat.SubjectPublicKeyInfo)
        for e in (serialization.Encoding.PEM, serialization.Encoding.DER)]
    forms += [forms[0].rstrip(), public.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint),
        forge.client.get("/.well-known/jwks.json").raw, b"", forge.kid.encode()]
    signed = f"{encode({'alg': alg, 'kid': forge.kid, 'typ': 'JWT'})}.{encode(forge.claims)}"
    for secret in forms:
        tag = hmac.new(secret, signed.encode(), alg.replace("HS", "sha")).digest()
        assert forge.is_refused(f"{signed}.{encode(tag)}")


def test_signatures_that_are_none(forge):
    """63: zero, another curve or key, DER, and what is not 64 bytes."""
    head, body, signature = forge.make().split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    edge = order.to_bytes(32, "big")
    bad = [bytes(64), bytes(32) + raw[32:], raw[:32] + bytes(32), edge * 2, raw[:63],
           raw + b"\0", b"", raw[32:] + raw[:32], bytes([raw[0] ^ 1]) + raw[1:],
           forge.key.sign(f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))]
    for one in bad:
        assert forge.is_refused(f"{head}.{body}.{encode(one)}")
    assert forge.is_refused(forge.make(key=ec.generate_private_key(ec.SECP256R1())))
    other = ec.generate_private_key(ec.SECP384R1())
    assert forge.is_refused(forge.make(header={"alg": "ES384"}, key=other))
    for token in (f"{head}.{body}.{signature}=", f"{head}.{body}.{signature}.",
                  f".{body}.{signature}", f"{head}..{signature}",
                  f"{head}.{body}.{signature}.{signature}", "...", "a.b.c"):
        assert forge.is_refused(token)


def test_signatures_of_special_numbers(forge):
    """63: the kinds of ECDSA vectors that Wycheproof has for r and s of a fixed width."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    field = 2**256 - 2**224 + 2**192 + 2**96 - 1
    # Nought, one, the order and the field, and what is next to them or wraps around.
    special = [0, 1, 2, order // 2, order - 1, order, order + 1, field - 1, field, field + 1,
               2**255, 2**256 - 1]
    head, body, signature = forge.make().split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    r, s = raw[:32], raw[32:]
    numbers = [n.to_bytes(32, "big") for n in special]
    bad = [a + b for a in numbers for b in numbers]
    bad += [r + n for n in numbers] + [n + s for n in numbers]
    # The same numbers, wider; with the order added, where it fits; one byte more or less.
    bad += [b"\0" + r + b"\0" + s, r.rjust(48, b"\0") + s.rjust(48, b"\0"), r + s + r + s,
            r + b"\0" + s, b"\0" + r + s, r[1:] + s, r + s[1:], r[1:] + s[1:], r, s]
    bad += [n.to_bytes(32, "big") + s for n in [int.from_bytes(r, "big") + order] if n < 2**256]
    for one in bad:
        assert forge.is_refused(f"{head}.{body}.{encode(one)}"), one.hex()


@pytest.mark.parametrize("kid", [
    None, "", "../keys/secret.key", "/dev/null", "' OR 1=1 --", "\0", "A" * 5000, 1, ["x"], {},
    "%2e%2e/secret", "http://evil.example/k",
], ids=range(12))
def test_kids_that_lead_nowhere(forge, kid):
    """64"""
    assert forge.is_refused(forge.make(header={"kid": kid}))
    near = forge.kid.swapcase()
    assert forge.is_refused(forge.make(header={"kid": near})) and forge.is_refused(
        forge.make(without=["kid"]))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit"])
def test_keys_that_a_token_brings_along(forge, name):
    """65"""
    own = ec.generate_private_key(ec.SECP256R1())
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(own.public_key()))
    value = {"jwk": jwk, "jku": "https://evil.example/jwks.json", "x5u": "https://evil.example/c",
             "x5c": ["MIIB"], "crit": ["exp"]}[name]
    assert forge.is_refused(forge.make(header={name: value}, key=own))
    assert forge.is_refused(forge.make(header={name: value}))


@pytest.mark.parametrize("name", ["exp", "iat", "auth_time"])
@pytest.mark.parametrize("value", [
    None, "x", "1900000000", 1.5, -1, 1e308, True, [], 2**63, 2**64, "gone", "later"],
    ids=lambda v: repr(v)[:12])
def test_times_that_are_none(forge, name, value):
    """67; `later`: issued in an hour, or over for a minute."""
    if value == "gone":
        assert forge.is_refused(forge.make(without=[name]))
        return
    if value == "later":
        value = int(time.time()) + (-60 if name == "exp" else 3600)
    assert forge.is_refused(forge.make(claims={name: value}))


@pytest.mark.parametrize("claims", [
    {"iss": "https://evil.example"}, {"iss": ["http://127.0.0.1:8425"]}, {"token_use": "id"},
    {"token_use": "session"}, {"token_use": "ACCESS"}, {"token_use": None}, {"sub": ""},
    {"sub": "../x"}, {"sid": "0" * 32}, {"sid": ""}, {"sub": 1}, {"amr": "otp"},
], ids=range(12))
def test_claims_of_others(forge, claims):
    """66 and 67: signed by us, and for something or somebody else."""
    assert forge.is_refused(forge.make(claims=claims))


def test_claims_that_have_two_readings(forge):
    """A name twice: programs differ in which one they take."""
    text = json.dumps(forge.claims)
    twice = text[:-1] + ', "exp": 4000000000}'
    for payload in (twice.encode(), text.encode("utf-16"), b"[]", b"null", b"", b"\xff",
                    text.encode() + b" x"):
        assert forge.is_refused(forge.make(payload=payload))


def test_each_credential_is_good_for_one_thing(forge, server):
    """66: four sorts of tokens, and where each might be tried."""
    client = server.client()
    now = int(time.time())
    sorts = {
        "id": forge.grant["id_token"], "access": forge.grant["access_token"],
        "refresh": forge.grant["refresh_token"],
        # What pam_doorpost writes into a session file (CONTRACT.md 5), with our own signature.
        "session": forge.make(claims={
            "token_use": "session", "aud": "host:here", "jti": forge.claims["sid"],
            "email": "alice@example.org", "preferred_username": "alice", "host": "here",
            "service": "sshd", "rhost": "", "tty": "", "exp": now + 600}, without=["sid"])}
    code = "12345678"
    places = {
        "bearer": lambda t: client.get("/auth/me", headers=bearer(t)),
        "cookie": lambda t: client.get("/auth/me", headers={"Cookie": f"{ACCESS}={t}"}),
        "refresh": lambda t: client.post("/auth/refresh", {"refresh_token": t}),
        "refresh cookie": lambda t: client.post(
            "/auth/refresh", headers={"Cookie": f"{REFRESH}={t}"}),
        "challenge": lambda t: client.verify(t, code),
        "resend": lambda t: client.post("/auth/resend", {"session": t})}
    right = {("access", "bearer"), ("access", "cookie"), ("refresh", "refresh"),
             ("refresh", "refresh cookie")}
    for (sort, token), (place, attempt) in itertools.product(sorts.items(), places.items()):
        status = attempt(token).status
        if (sort, place) in right:
            assert status == 200, (sort, place)
        else:
            assert status in (400, 401), (sort, place)
    # Nor does anything but a refresh token sign anybody out.
    for sort in ("id", "access", "session"):
        assert client.post("/auth/logout", {"refresh_token": sorts[sort]}).status == 204
    assert client.get("/auth/me", headers=bearer(sorts["access"])).status == 200


def test_refresh_tokens_are_ours_letter_for_letter(forge, server, users):
    """69: session, generation and tag hang together."""
    client = server.client()
    token = server.sign_in(users()).json["refresh_token"]
    other = server.sign_in(users()).json["refresh_token"]
    session, generation, tag = token.split(".")
    for forged in (f"{session}.1.{tag}", f"{session}.00.{tag}", f"{session}.+0.{tag}",
                   f"{session}.-0.{tag}", f"{other.split('.')[0]}.0.{tag}", f"{token}=",
                   f"{session}.0.", f"{session.upper()}.0.{tag}", f"{token} ", token[:-1],
                   f"{session}.0.{tag}.", f"{session}.{2**63}.{tag}", "A" * 5000):
        reply = client.post("/auth/refresh", {"refresh_token": forged})
        assert (reply.status, reply.error) == (401, "token_invalid"), forged
    assert client.post("/auth/refresh", {"refresh_token": token}).status == 200


def test_a_key_that_is_compromised_counts_no_more(fresh):
    """`key rotate --now`: everybody is out at once, and can sign in again."""
    server = fresh()
    token = server.sign_in().json["access_token"]
    client = server.client()
    assert client.get("/auth/me", headers=bearer(token)).status == 200
    server.run("key", "rotate", "--now")
    until(lambda: client.get("/auth/me", headers=bearer(token)).status == 401)
    again = server.sign_in(client=server.client("192.0.2.9")).json["access_token"]
    assert client.get("/auth/me", headers=bearer(again)).status == 200


def test_tokens_stand_in_no_url_and_no_cache(server, users):
    """78"""
    user, client = users(), server.client()
    grant = server.sign_in(user).json
    for name in ("access_token", "token", "id_token", "bearer"):
        url = f"/auth/me?{name}={grant['access_token']}"
        assert client.get(url).status == 401
    form = client.call("POST", "/auth/refresh",
                       raw=f"refresh_token={grant['refresh_token']}".encode(),
                       headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert form.status == 415
    assert client.post(f"/auth/refresh?refresh_token={grant['refresh_token']}").status == 401
    refreshed = client.post("/auth/refresh", {"refresh_token": grant["refresh_token"]})
    for reply in (refreshed, server.sign_in(users(), cookie=True),
                  client.get("/auth/me", headers=bearer(grant["access_token"])),
                  client.initiate(users())):
        assert reply.status == 200 and "Location" not in reply.headers
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
    said = server.said()
    for secret in (grant["access_token"], grant["refresh_token"], grant["id_token"]):
        assert secret not in said


def test_another_sites_form_starts_nothing(server, users):
    """56 and 76: what a form or a script of another site can send without asking first."""
    user, client = users(), server.client()
    body = json.dumps({"email": user}).encode()
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "text/plain;application/json"},
                    {"Content-Type": "application/json", "Origin": "https://evil.example"},
                    {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
                    {"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"}, {}):
        reply = client.call("POST", "/auth/initiate", raw=body, headers=headers)
        assert reply.status in (403, 415), headers
    session = client.initiate(user).json["session"]
    code = server.code(user)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        stolen = client.call("POST", "/auth/verify", body={"session": session, "otp": code,
                                                           "cookie": True}, headers=headers)
        assert stolen.status == 403 and not stolen.cookies()
    assert client.verify(session, code, cookie=True).status == 200
    assert len(server.mails(user)) == 1


def test_methods_and_headers_that_override_nothing(server, users):
    """76: a GET stays a GET."""
    client = server.client()
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"},
                    {"X-HTTP-Method": "POST"}):
        assert client.get("/auth/verify", headers=headers).status == 405
    assert client.call("PUT", "/auth/verify", body={}).status == 405
    assert client.call("DELETE", "/auth/me").status == 405
    assert client.call("TRACE", "/auth/me", headers=bearer("x")).status in (405, 400, 501)
