import DoorpostCore
import DoorpostTokens
import Glibc
import Testing

/// Whether Debian's PyJWT is there.
private enum PyJWT {
    static let isInstalled =
        system("/usr/bin/python3 -c 'import jwt, cryptography' >/dev/null 2>&1") == 0
}

/// PyJWT (Debian: python3-jwt, python3-cryptography) against our tokens and our key set: a relying
/// party that shares no line with us.
@Suite(.enabled(if: PyJWT.isInstalled, "needs python3-jwt and python3-cryptography"))
struct PyJWTTests {
    /// Exits 0 when the first token is accepted with our claims and every other is refused.
    private static let script = """
        import json, sys, jwt
        d = sys.argv[1]
        keys = {k.key_id: k for k in jwt.PyJWKSet.from_json(open(d + "/jwks").read()).keys}
        raw = json.load(open(d + "/jwks"))["keys"]
        assert all(not set(k) & {"d", "p", "q", "dp", "dq", "qi", "k"} for k in raw), "private"
        assert all(k["use"] == "sig" for k in raw), "use"
        def read(token):
            head = jwt.get_unverified_header(token)
            assert head["typ"] == "JWT"
            return jwt.decode(token, keys[head["kid"]].key, algorithms=[sys.argv[2]],
                audience="host:wks1", issuer="https://login.example.org",
                options={"require": ["exp", "iat", "sub", "jti"], "verify_exp": False,
                         "verify_iat": False})
        good, *bad = open(d + "/tokens").read().split()
        claims = read(good)
        assert claims["sub"] == "u-1" and claims["amr"] == ["otp"], claims
        assert claims["token_use"] == "session" and claims["exp"] == 1800003600, claims
        for token in bad:
            try:
                read(token)
            except (jwt.InvalidTokenError, KeyError):
                continue
            sys.exit("accepted: " + token)
        """

    @Test(arguments: KeyAlgorithm.allCases)
    func `accepts ours and refuses what was changed`(_ algorithm: KeyAlgorithm) async throws {
        let fixture = try Fixture(algorithm)
        _ = try fixture.directory.rotate(to: .es256, now: Fixture.now)
        let token = try await fixture.tokens.issue(Fixture.claims())
        let parts = token.split(separator: ".").map(String.init)
        let other = try Fixture(algorithm)
        let payload = Base64URL.encode(Forge.payload(["sub": #""root""#]).utf8)
        let tokens = [
            token, "\(parts[0]).\(payload).\(parts[2])", "\(parts[0]).\(parts[1]).",
            try await other.tokens.issue(Fixture.claims()),
            try await fixture.tokens.issue(Fixture.claims(audience: "host:other")),
        ]
        let path = fixture.temporary.path
        let jwks = try await fixture.tokens.jwks(now: Fixture.now)
        write(String(decoding: jwks, as: UTF8.self), to: "\(path)/jwks")
        write(tokens.joined(separator: "\n"), to: "\(path)/tokens")
        write(Self.script, to: "\(path)/check.py")
        let command = "/usr/bin/python3 \(path)/check.py \(path) \(algorithm.rawValue)"
        #expect(system(command) == 0, "\(other.directory.path)")
    }

    /// Exits 0 when the id token is accepted for its audience and no other, and the access token,
    /// which has none, is no id token.
    private static let webScript = """
        import json, sys, jwt
        d = sys.argv[1]
        keys = {k.key_id: k for k in jwt.PyJWKSet.from_json(open(d + "/jwks").read()).keys}
        def read(token, **more):
            head = jwt.get_unverified_header(token)
            return jwt.decode(token, keys[head["kid"]].key, algorithms=[sys.argv[2]],
                issuer="https://login.example.org",
                options={"require": ["exp", "iat", "sub", "jti"], "verify_exp": False,
                         "verify_iat": False}, **more)
        def refused(token, **more):
            try:
                read(token, **more)
            except jwt.InvalidTokenError:
                return
            sys.exit("accepted: " + token)
        id, access, session = open(d + "/tokens").read().split()
        claims = read(id, audience="app")
        assert claims["email"] == "ann@example.org" and claims["email_verified"] is True, claims
        assert claims["token_use"] == "id" and claims["groups"] == ["admin", "staff"], claims
        assert claims["exp"] == 1800001800 and claims["auth_time"] == 1799990000, claims
        refused(id, audience="other")
        refused(id)
        refused(session, audience="app")
        claims = read(access)
        assert claims["token_use"] == "access" and "email" not in claims, claims
        assert claims["sid"] == "s-1" and claims["exp"] == 1800003600, claims
        refused(access, audience="app")
        """

    @Test(arguments: KeyAlgorithm.allCases)
    func `accepts id and access tokens for what they are`(_ algorithm: KeyAlgorithm) async throws {
        let fixture = try Fixture(algorithm)
        let web = try await fixture.tokens.issue(Fixture.webClaims())
        let session = try await fixture.tokens.issue(Fixture.claims())
        let path = fixture.temporary.path
        let jwks = try await fixture.tokens.jwks(now: Fixture.now)
        write(String(decoding: jwks, as: UTF8.self), to: "\(path)/jwks")
        write([web.id, web.access, session].joined(separator: "\n"), to: "\(path)/tokens")
        write(Self.webScript, to: "\(path)/check.py")
        let command = "/usr/bin/python3 \(path)/check.py \(path) \(algorithm.rawValue)"
        #expect(system(command) == 0)
    }

    /// Exits 0 when every token has the claim that a trigger added, and ours beside it.
    private static let changedScript = """
        import json, sys, jwt
        d = sys.argv[1]
        keys = {k.key_id: k for k in jwt.PyJWKSet.from_json(open(d + "/jwks").read()).keys}
        added = json.load(open(d + "/added"))
        for token in open(d + "/tokens").read().split():
            claims = jwt.decode(token, keys[jwt.get_unverified_header(token)["kid"]].key,
                algorithms=[sys.argv[2]], options={"verify_exp": False, "verify_iat": False,
                "verify_aud": False})
            assert claims["sub"] == "u-1", claims
            assert all(claims[name] == value for name, value in added.items()), claims
        """

    @Test(arguments: KeyAlgorithm.allCases)
    func `reads what a trigger added`(_ algorithm: KeyAlgorithm) async throws {
        let fixture = try Fixture(algorithm)
        let changes = TokenChanges.Claims(added: [
            "https://example.org/a": .object(["x": .list([.null, .boolean(true), .integer(-7)])]),
            "text": .text("\"Grüße\"\n/\u{2028}"), "number": .number(1.5), "sub": .text("root"),
        ])
        var claims = Fixture.webClaims()
        claims.changes = TokenChanges(id: changes, access: changes)
        let own = try await fixture.tokens.issue(claims)
        claims.client = WebClaims.Client(id: "client-1", event: "event-1")
        let pool = try await fixture.tokens.issue(claims)
        let session = try await fixture.tokens.issue(Fixture.claims(), changes: changes)
        let path = fixture.temporary.path
        let jwks = try await fixture.tokens.jwks(now: Fixture.now)
        write(String(decoding: jwks, as: UTF8.self), to: "\(path)/jwks")
        let tokens = [own.id, own.access, pool.id, pool.access, session]
        write(tokens.joined(separator: "\n"), to: "\(path)/tokens")
        let added = #"""
            {"https://example.org/a": {"x": [null, true, -7]},
                "text": "\"Grüße\"\n/\u2028", "number": 1.5}
            """#
        write(added, to: "\(path)/added")
        write(Self.changedScript, to: "\(path)/check.py")
        let command = "/usr/bin/python3 \(path)/check.py \(path) \(algorithm.rawValue)"
        #expect(system(command) == 0)
    }

    @Test(arguments: KeyAlgorithm.allCases)
    func `openssl reads our key files as they are`(_ algorithm: KeyAlgorithm) throws {
        let fixture = try Fixture(algorithm)
        #expect(system("openssl pkey -noout -check -in \(fixture.keyFile) >/dev/null") == 0)
    }

    private func write(_ text: String, to path: String) {
        guard let file = fopen(path, "w") else { return }
        fputs(text, file)
        fclose(file)
    }
}
