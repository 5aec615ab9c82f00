import DoorpostCore
import DoorpostTokens
import FoundationEssentials
import Testing

/// The id and access tokens that app clients get.
@Suite struct PoolTokenTests {
    let fixture: Fixture
    let forge: Forge

    init() throws {
        fixture = try Fixture()
        forge = try Forge(fixture)
    }

    private func claims() -> WebClaims {
        var claims = Fixture.webClaims()
        claims.client = WebClaims.Client(id: "client-1", event: "event-1")
        return claims
    }

    private func verdict(_ token: String, at now: Timestamp = Fixture.now) async -> String {
        do {
            _ = try await fixture.tokens.verifyPoolAccess(token, now: now)
            return "accepted"
        } catch {
            return error.code.name
        }
    }

    /// What an access token says, with some of it replaced (nil: left out), as JSON texts.
    private func access(_ changes: KeyValuePairs<String, String?> = [:]) throws -> String {
        var members: [String: String] = [
            "iss": #""https://login.example.org/local_Main""#, "sub": #""u-1""#,
            "client_id": #""client-1""#, "exp": "1800003600", "iat": "1800000000",
            "auth_time": "1799990000", "jti": #""access-1""#, "origin_jti": #""s-1""#,
            "event_id": #""event-1""#, "token_use": #""access""#,
            "scope": #""aws.cognito.signin.user.admin""#, "username": #""u-1""#,
        ]
        for (name, value) in changes { members[name] = value }
        let json = members.map { #""\#($0)":\#($1)"# }.sorted().joined(separator: ",")
        return try forge.sign(payload: "{\(json)}")
    }

    @Test func `an access token tells whose it is, and which client's`() async throws {
        let tokens = try await fixture.tokens.issue(claims())
        let said = try await fixture.tokens.verifyPoolAccess(tokens.access, now: Fixture.now)
        #expect(
            said
                == AccessClaims(
                    user: "u-1", session: "s-1", client: "client-1",
                    authenticatedAt: 1_799_990_000, issuedAt: 1_800_000_000,
                    expiresAt: 1_800_003_600))
        #expect(await verdict(try access()) == "accepted")
    }

    @Test func `tokens of one API are none of the other`() async throws {
        let pool = try await fixture.tokens.issue(claims())
        let own = try await fixture.tokens.issue(Fixture.webClaims())
        for token in [own.access, own.id, pool.id] {
            #expect(await verdict(token) == "token_wrong_use")
        }
        await #expect(throws: TokenError.self) {
            try await fixture.tokens.verifyAccess(pool.access, now: Fixture.now)
        }
        let elsewhere = KeyRingTokenIssuer(
            directory: fixture.directory, issuer: Fixture.issuer, pool: "local_Other")
        await #expect(throws: TokenError.self) {
            try await elsewhere.verifyPoolAccess(pool.access, now: Fixture.now)
        }
    }

    @Test func `what one claim makes wrong`() async throws {
        for change: KeyValuePairs<String, String?> in [
            ["scope": nil], ["client_id": nil], ["origin_jti": nil], ["scope": #""openid""#],
            ["iss": #""https://login.example.org""#], ["token_use": #""id""#],
            ["exp": "1800000000"], ["exp": "1800003600.0"], ["iat": "1800003599"],
            ["auth_time": "1800000001"],
        ] {
            #expect(await verdict(try access(change)) != "accepted", "\(change)")
        }
        #expect(
            await verdict(try access(), at: Timestamp(seconds: 1_800_003_600)) == "token_expired")
    }

    @Test func `whoever looks at one sees what it says`() async throws {
        let tokens = try await fixture.tokens.issue(claims())
        func look(_ token: String, _ audience: String?) async throws -> TokenClaims {
            try await fixture.tokens.claims(of: token, audience: audience, now: Fixture.now)
        }
        guard case .web(let id) = try await look(tokens.id, "client-1"),
            case .web(let access) = try await look(tokens.access, nil)
        else { throw Unexpected() }
        #expect(id.identity?.email == "ann@example.org" && id.session == "s-1")
        #expect(access.identity == nil && access.tokenID == "access-1")
        for (token, audience) in [(tokens.id, "other"), (tokens.access, "client-1")] {
            await #expect(throws: TokenError.self) { try await look(token, audience) }
        }
    }

    struct Unexpected: Error {}
}
