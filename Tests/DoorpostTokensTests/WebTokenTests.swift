import DoorpostCore
import DoorpostTokens
import FoundationEssentials
import Testing

/// The id and access tokens of web sessions.
@Suite struct WebTokenTests {
    let fixture: Fixture
    let forge: Forge

    init() throws {
        fixture = try Fixture()
        forge = try Forge(fixture)
    }

    private func verdict(_ access: String, at now: Timestamp = Fixture.now) async -> String {
        do {
            _ = try await fixture.tokens.verifyAccess(access, now: now)
            return "accepted"
        } catch {
            return error.code.name
        }
    }

    /// What an access token says, with some of it replaced (nil: left out), as JSON texts.
    private func access(_ changes: KeyValuePairs<String, String?> = [:]) throws -> String {
        var members: [String: String] = [
            "iss": #""https://login.example.org""#, "sub": #""u-1""#, "exp": "1800003600",
            "iat": "1800000000", "auth_time": "1799990000", "jti": #""access-1""#,
            "sid": #""s-1""#, "amr": #"["otp"]"#, "groups": #"["admin","staff"]"#,
            "token_use": #""access""#,
        ]
        for (name, value) in changes { members[name] = value }
        let json = members.map { #""\#($0)":\#($1)"# }.sorted().joined(separator: ",")
        return try forge.sign(payload: "{\(json)}")
    }

    @Test func `the claims are these and no others`() async throws {
        let tokens = try await fixture.tokens.issue(Fixture.webClaims())
        let common = [
            "iss": #""https:\/\/login.example.org""#, "sub": #""u-1""#, "iat": "1800000000",
            "auth_time": "1799990000", "sid": #""s-1""#, "amr": #"["otp"]"#,
            "groups": #"["admin","staff"]"#,
        ]
        let id = common.merging([
            "aud": #""app""#, "exp": "1800001800", "jti": #""id-1""#, "token_use": #""id""#,
            "email": #""ann@example.org""#, "email_verified": "true", "name": #""Ann""#,
            "preferred_username": #""ann""#,
        ]) { $1 }
        let access = common.merging([
            "exp": "1800003600", "jti": #""access-1""#, "token_use": #""access""#,
        ]) { $1 }
        func plain(_ members: [String: String]) -> [String: String] {
            members.mapValues { $0.replacing(#"\/"#, with: "/") }
        }
        #expect(try plain(Forge.members(tokens.id)) == plain(id))
        #expect(try plain(Forge.members(tokens.access)) == plain(access))
    }

    @Test func `what is not known is left out`() async throws {
        var claims = Fixture.webClaims()
        claims.name = nil
        claims.login = nil
        claims.groups = []
        let tokens = try await fixture.tokens.issue(claims)
        let id = try Forge.members(tokens.id).keys
        #expect(!id.contains("name") && !id.contains("preferred_username"))
        #expect(!id.contains("groups"))
        #expect(try Forge.members(tokens.access).keys.contains("groups") == false)
        #expect(await verdict(tokens.access) == "accepted")
    }

    @Test(arguments: KeyAlgorithm.allCases)
    func `an access token comes back as the claims it was made of`(
        _ algorithm: KeyAlgorithm
    ) async throws {
        let fixture = try Fixture(algorithm)
        let token = try await fixture.tokens.issue(Fixture.webClaims()).access
        let claims = try await fixture.tokens.verifyAccess(token, now: Fixture.now)
        let expected = AccessClaims(
            user: "u-1", session: "s-1", authenticatedAt: 1_799_990_000,
            issuedAt: 1_800_000_000, expiresAt: 1_800_003_600)
        #expect(claims == expected)
    }

    /// Every token of ours is for one use, and none is taken for another.
    @Test func `each token is for its own use`() async throws {
        let web = try await fixture.tokens.issue(Fixture.webClaims())
        let session = try await fixture.tokens.issue(Fixture.claims())
        for (token, asAccess, asSession) in [
            (web.access, "accepted", "token_wrong_use"),
            (web.id, "token_wrong_use", "token_wrong_use"),
            (session, "token_wrong_use", "accepted"),
        ] {
            #expect(await verdict(token) == asAccess)
            switch await forge.verdict(token) {
            case .success: #expect(asSession == "accepted")
            case .failure(let failure): #expect(failure.code == asSession)
            }
        }
        // All claims of one with the use of another: the use is what counts.
        for use in ["id", "session", "refresh", "Access", "access ", ""] {
            #expect(await verdict(try access(["token_use": "\"\(use)\""])) == "token_wrong_use")
        }
        #expect(await verdict(try access()) == "accepted")
    }

    @Test func `an access token of another issuer or key is none`() async throws {
        #expect(
            await verdict(try access(["iss": #""https://login.example.com""#])) == "token_wrong_use"
        )
        let other = try Fixture()
        let theirs = try await other.tokens.issue(Fixture.webClaims()).access
        #expect(await verdict(theirs) == "token_invalid", "\(other.directory.path)")
        let parts = try access().split(separator: ".")
        #expect(await verdict("\(parts[0]).\(parts[1]).") == "token_invalid")
        let forged = try access(["sub": #""root""#]).split(separator: ".")
        #expect(await verdict("\(parts[0]).\(forged[1]).\(parts[2])") == "token_invalid")
        #expect(await verdict("") == "token_invalid")
    }

    @Test(arguments: ["sub", "sid", "jti", "amr", "token_use", "iss"])
    func `every claim must be there, of its kind`(_ name: String) async throws {
        #expect(await verdict(try access([name: nil])) == "token_invalid")
        for value in ["null", "7", "true", "{}", "[7]"] {
            #expect(await verdict(try access([name: value])) == "token_invalid", "\(value)")
        }
    }

    @Test(arguments: ["exp", "iat", "auth_time"])
    func `times are whole seconds or nothing`(_ name: String) async throws {
        for value in [nil, "1800000000.0", "1.8e9", "-1", #""1800000000""#, "null", "true"] {
            #expect(await verdict(try access([name: value])) == "token_invalid", "\(value ?? "")")
        }
    }

    @Test func `times are exact and in a possible order`() async throws {
        let token = try await fixture.tokens.issue(Fixture.webClaims()).access
        let end = Fixture.now + .seconds(3600)
        #expect(await verdict(token, at: end - Span(milliseconds: 1)) == "accepted")
        #expect(await verdict(token, at: end) == "token_expired")
        #expect(await verdict(try access(["iat": "1800000060"])) == "accepted")
        #expect(await verdict(try access(["iat": "1800000061"])) == "token_invalid")
        #expect(await verdict(try access(["auth_time": "1800000001"])) == "token_invalid")
        #expect(await verdict(try access(["exp": "1800000000"])) == "token_invalid")
        #expect(
            await verdict(try access(["exp": "1799999999", "iat": "1799999998"])) == "token_expired"
        )
    }

    @Test func `what would not be accepted is not signed`() async throws {
        func claims(_ change: (inout WebClaims) -> Void) -> WebClaims {
            var claims = Fixture.webClaims()
            change(&claims)
            return claims
        }
        for wrong in [
            claims { $0.idExpiresAt = $0.issuedAt }, claims { $0.accessExpiresAt = $0.issuedAt },
            claims { $0.idExpiresAt = $0.issuedAt + 12 * 3600 + 1 },
            claims { $0.accessExpiresAt = $0.issuedAt + 12 * 3600 + 1 },
            claims { $0.issuedAt = -1 }, claims { $0.accessExpiresAt = .max },
            claims { $0.groups = [String(repeating: "x", count: 8192)] },
        ] {
            await #expect(throws: TokenError(.invalid, "")) {
                try await fixture.tokens.issue(wrong)
            }
        }
    }
}
