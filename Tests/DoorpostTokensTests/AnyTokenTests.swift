import DoorpostCore
import DoorpostTokens
import Testing

/// Looking at a token without knowing what it is for.
@Suite struct AnyTokenTests {
    let forge: Forge
    var tokens: KeyRingTokenIssuer { forge.fixture.tokens }

    init() throws { forge = try Forge(Fixture()) }

    private let web = WebClaims(
        user: "u-1", session: "s-1", audience: "app", email: "ann@example.org", name: "Ann",
        login: nil, groups: ["ops"], idTokenID: "id-1", accessTokenID: "access-1",
        authenticatedAt: 1_799_990_000, issuedAt: 1_800_000_000, idExpiresAt: 1_800_001_800,
        accessExpiresAt: 1_800_003_600)

    private func code(_ token: String, _ audience: String? = nil, at now: Timestamp = Fixture.now)
        async -> String
    {
        do {
            _ = try await tokens.claims(of: token, audience: audience, now: now)
            return "accepted"
        } catch {
            return error.code.name
        }
    }

    @Test func `a session token says what verify says`() async throws {
        let token = try await tokens.issue(Fixture.claims())
        let claims = try await tokens.claims(of: token, audience: "host:wks1", now: Fixture.now)
        #expect(claims == .session(Fixture.claims()))
        #expect(claims.session == "s-1")
        #expect(await code(token, "host:other") == "token_wrong_use")
    }

    @Test func `id and access tokens come back as they were made`() async throws {
        let signed = try await tokens.issue(web)
        var expected = WebTokenClaims(
            user: "u-1", session: "s-1", tokenID: "id-1", groups: ["ops"],
            authenticatedAt: 1_799_990_000, issuedAt: 1_800_000_000, expiresAt: 1_800_001_800,
            identity: .init(audience: "app", email: "ann@example.org", name: "Ann", login: nil))
        let id = try await tokens.claims(of: signed.id, audience: "app", now: Fixture.now)
        #expect(id == .web(expected))
        expected.tokenID = "access-1"
        expected.expiresAt = 1_800_003_600
        expected.identity = nil
        let access = try await tokens.claims(of: signed.access, audience: nil, now: Fixture.now)
        #expect(access == .web(expected))
        #expect(access.session == "s-1")
        #expect(await code(signed.id, "other") == "token_wrong_use")
        #expect(await code(signed.access, "app") == "token_wrong_use")
    }

    @Test func `each use is held to its own rules`() async throws {
        let signed = try await tokens.issue(web)
        #expect(await code(signed.id, at: Timestamp(seconds: 1_800_001_800)) == "token_expired")
        #expect(await code(signed.access, at: Timestamp(seconds: 1_800_001_800)) == "accepted")
        #expect(await code(signed.access, at: Timestamp(seconds: 1_800_003_600)) == "token_expired")
        #expect(await code(signed.id, at: Fixture.now - .seconds(61)) == "token_invalid")
        // A session token's claims under another use lack what that use needs.
        for use in ["id", "access"] {
            let token = try forge.sign(payload: Forge.payload(["token_use": "\"\(use)\""]))
            #expect(await code(token) == "token_invalid")
        }
        for use in ["refresh", "Id", "id ", ""] {
            let token = try forge.sign(payload: Forge.payload(["token_use": "\"\(use)\""]))
            #expect(await code(token) == "token_wrong_use")
        }
        #expect(
            await code(try forge.sign(payload: Forge.payload(["token_use": nil])))
                == "token_invalid")
    }

    @Test(
        arguments: [
            ["iss": #""https://evil.example""#], ["email_verified": "false"], ["amr": #"["pwd"]"#],
            ["sid": nil], ["aud": #"["app"]"#], ["exp": "1800003600.0"], ["email": "7"],
            ["auth_time": "1800000001"], ["iat": "1800003600"], ["jti": nil], ["sub": "null"],
        ] as [[String: String?]])
    func `an id token must say all that ours say`(_ changes: [String: String?]) async throws {
        var members: [String: String] = [
            "iss": #""https://login.example.org""#, "sub": #""u-1""#, "aud": #""app""#,
            "exp": "1800003600", "iat": "1800000000", "auth_time": "1800000000",
            "jti": #""id-1""#, "sid": #""s-1""#, "amr": #"["otp"]"#,
            "email": #""ann@example.org""#, "email_verified": "true", "token_use": #""id""#,
        ]
        #expect(await code(try sign(members)) == "accepted")
        for (name, value) in changes { members[name] = value }
        #expect(await code(try sign(members)) != "accepted")
    }

    private func sign(_ members: [String: String]) throws -> String {
        let json = members.map { #""\#($0)":\#($1)"# }.sorted().joined(separator: ",")
        return try forge.sign(payload: "{\(json)}")
    }
}
