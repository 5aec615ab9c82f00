import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("A refresh token")
struct RefreshTokenTests {
    @Test("is traded for the next, and spent after the grace: then its family ends")
    func family() async throws {
        let fixture = try FlowFixture()
        let first = try await fixture.signIn().grant
        fixture.clock.advance(by: .hours(1))
        let second = try await fixture.refresh(first.refreshToken)
        #expect(second.what == "refreshed")
        #expect(second.grant?.refreshToken != first.refreshToken)
        #expect(second.grant?.accessToken != first.accessToken)
        fixture.clock.advance(by: .seconds(29))
        let again = try await fixture.refresh(first.refreshToken)
        #expect(again.what == "repeated")
        #expect(again.grant?.refreshToken == second.grant?.refreshToken)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await fixture.refresh(first.refreshToken).what == "reused")
        let newest = try #require(second.grant)
        #expect(try await fixture.refresh(newest.refreshToken).what == "refused")
        #expect(try await fixture.flow.owner(ofAccessToken: newest.accessToken) == nil)
        let last = try fixture.store.auditTrail(AuditQuery()).last?.event
        #expect(last?.kind == .refreshReused)
        #expect(last?.user == fixture.alice.id)
        #expect(last?.door == "web")
    }

    @Test("of many tabs at once: one is traded, the others get the same successor")
    func tabs() async throws {
        let fixture = try FlowFixture()
        let token = try await fixture.signIn().grant.refreshToken
        let results = await withTaskGroup(of: String.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    guard let result = try? await fixture.refresh(token) else { return "error" }
                    return "\(result.what) \(result.grant?.refreshToken ?? "")"
                }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(results.filter { $0.hasPrefix("refreshed") }.count == 1)
        #expect(results.filter { $0.hasPrefix("repeated") }.count == 63)
        #expect(Set(results.compactMap { $0.split(separator: " ").last }).count == 1)
    }

    @Test("is ours or nothing")
    func forged() async throws {
        let fixture = try FlowFixture()
        let token = try await fixture.signIn().grant.refreshToken
        let parts = token.split(separator: ".").map(String.init)
        let keys = try #require(FlowKeys(secret: [UInt8](repeating: 8, count: 32)))
        let session = SessionID(parts[0])
        let handle = try fixture.flow.handle(of: ChallengeID(parts[0]), for: .login("alice")).text
        for wrong in [
            "", ".", "..", "...", token + ".", "." + token, token + "=", token + "A", " " + token,
            "\(parts[0]).1.\(parts[2])", "\(parts[0]).+0.\(parts[2])", "\(parts[0]).00.\(parts[2])",
            "\(parts[0]).-0.\(parts[2])", "\(parts[0]).0.", "\(parts[0]).0.\(parts[2].dropLast())",
            "\(parts[0].uppercased()).0.\(parts[2])x", "x.0.\(parts[2])", handle,
            RefreshToken(session: session, generation: 0, keys: keys).text,
            RefreshToken(session: session, generation: 1, keys: fixture.keys).text,
            RefreshToken(session: SessionID("x"), generation: 0, keys: fixture.keys).text,
            RefreshToken(session: session, generation: -1, keys: fixture.keys).text,
            String(repeating: "A", count: 1_000_000),
        ] {
            #expect(try await fixture.refresh(wrong).what == "refused", "\(wrong.prefix(80))")
        }
        // None of them has cost the session anything.
        #expect(try await fixture.refresh(token).what == "refreshed")
    }

    @Test("and its siblings never outlive the session")
    func lifetimes() async throws {
        let fixture = try FlowFixture()
        let (signIn, grant) = try await fixture.signIn()
        let end = signIn.session.expiresAt
        fixture.clock.set(end - .minutes(10))
        let late = try #require(try await fixture.refresh(grant.refreshToken).grant)
        #expect(late.expiresIn == .minutes(10))
        #expect(late.refreshExpiresIn == .minutes(10))
        let claims = try await fixture.tokens.verifyAccess(late.accessToken, now: fixture.clock.now)
        #expect(claims.expiresAt == end.seconds)
        fixture.clock.set(end - Span(milliseconds: 1000))
        #expect(try await fixture.flow.owner(ofAccessToken: late.accessToken) != nil)
        let last = try #require(try await fixture.refresh(late.refreshToken).grant)
        #expect(last.expiresIn == .seconds(1))
        fixture.clock.set(end)
        #expect(try await fixture.refresh(last.refreshToken).what == "refused")
        #expect(try await fixture.flow.owner(ofAccessToken: last.accessToken) == nil)
    }

    /// Tokens know seconds only: one that would be over when it is issued is none.
    @Test("is refused in the last part of a second of its session")
    func lastSecond() async throws {
        let fixture = try FlowFixture()
        fixture.clock.advance(by: Span(milliseconds: 500))
        let (signIn, grant) = try await fixture.signIn()
        fixture.clock.set(signIn.session.expiresAt - Span(milliseconds: 501))
        #expect(try await fixture.refresh(grant.refreshToken).what == "refreshed")
        fixture.clock.advance(by: Span(milliseconds: 1))
        #expect(try await fixture.refresh(grant.refreshToken).what == "refused")
    }

    @Test("makes tokens that are good when the clock ran back a little")
    func clockBack() async throws {
        let fixture = try FlowFixture()
        let token = try await fixture.signIn().grant.refreshToken
        fixture.clock.set(fixture.clock.now - .seconds(5))
        let grant = try #require(try await fixture.refresh(token).grant)
        let claims = try await fixture.tokens.verifyAccess(
            grant.accessToken, now: fixture.clock.now)
        #expect(claims.authenticatedAt <= claims.issuedAt)
    }

    @Test("is not lost when the signing key is missing for a moment")
    func tokensDown() async throws {
        let fixture = try FlowFixture()
        let token = try await fixture.signIn().grant.refreshToken
        fixture.tokens.fail(with: TokenError(.keysUnavailable, "gone"))
        await #expect(throws: FlowError(.tokens, "")) { try await fixture.refresh(token) }
        fixture.tokens.fail(with: nil)
        fixture.clock.advance(by: .seconds(10))
        #expect(try await fixture.refresh(token).what == "repeated")
    }

    @Test("signs out, also when it is spent; others sign out nobody")
    func logOut() async throws {
        for spent in [false, true] {
            let fixture = try FlowFixture()
            let first = try await fixture.signIn()
            let token = first.grant.refreshToken
            if spent {
                _ = try await fixture.refresh(token)
                fixture.clock.advance(by: .minutes(5))
            }
            let keys = try #require(FlowKeys(secret: [UInt8](repeating: 8, count: 32)))
            let forged = RefreshToken(session: first.signIn.session.id, generation: 0, keys: keys)
            for wrong in ["", "x", forged.text, first.signIn.session.id.text] {
                try fixture.flow.logOut(refreshToken: wrong, in: FlowFixture.web())
            }
            #expect(try fixture.store.session(first.signIn.session.id)?.revokedAt == nil)
            try fixture.flow.logOut(refreshToken: token, in: FlowFixture.web())
            let session = try #require(try fixture.store.session(first.signIn.session.id))
            #expect(session.revokedAt == fixture.clock.now)
            #expect(try await fixture.flow.owner(ofAccessToken: first.grant.accessToken) == nil)
            #expect(try await fixture.refresh(token).what == "refused")
            // Again is no error.
            try fixture.flow.logOut(refreshToken: token, in: FlowFixture.web())
        }
    }
}

@Suite("The owner of an access token")
struct OwnerTests {
    @Test(
        "is nobody once the session or the user is gone",
        arguments: ["revoked", "disabled", "deleted", "expired", "session over"])
    func gone(_ end: String) async throws {
        let fixture = try FlowFixture()
        let (signIn, grant) = try await fixture.signIn()
        #expect(try await fixture.flow.owner(ofAccessToken: grant.accessToken) != nil)
        let audit = FlowFixture.admin(.sessionRevoked, fixture.clock.now)
        switch end {
        case "revoked": _ = try fixture.store.revokeSession(signIn.session.id, audit: audit)
        case "disabled":
            try fixture.change { $0.isEnabled = false }
        case "deleted": _ = try fixture.store.deleteUser(fixture.alice.id, audit: audit)
        case "expired": fixture.clock.advance(by: .minutes(60))
        default: fixture.clock.set(signIn.session.expiresAt)
        }
        #expect(try await fixture.flow.owner(ofAccessToken: grant.accessToken) == nil)
    }

    /// Disabling ends the sessions that live at its time; by a clock far ahead, that is none.
    @Test("is nobody when disabled, even if the session was left alive")
    func disabledOnly() async throws {
        let fixture = try FlowFixture()
        let (signIn, grant) = try await fixture.signIn()
        var disabled = fixture.alice
        disabled.isEnabled = false
        let ahead = FlowFixture.admin(.userChanged, signIn.session.expiresAt)
        _ = try fixture.store.updateUser(disabled, audit: ahead)
        let session = try #require(try fixture.store.session(signIn.session.id))
        #expect(session.isLive(at: fixture.clock.now))
        #expect(try await fixture.flow.owner(ofAccessToken: grant.accessToken) == nil)
        #expect(try await fixture.refresh(grant.refreshToken).what == "refused")
    }

    @Test("must be the session's user, and the session one of ours")
    func mixed() async throws {
        let fixture = try FlowFixture()
        let session = try await fixture.signIn().signIn.session
        let now = fixture.clock.now
        func access(_ user: String, _ session: String) async throws -> SignedIn? {
            let claims = WebClaims(
                user: user, session: session, audience: "a", email: "e", name: nil, login: nil,
                groups: [], idTokenID: "i", accessTokenID: "j", authenticatedAt: now.seconds,
                issuedAt: now.seconds, idExpiresAt: now.seconds + 60,
                accessExpiresAt: now.seconds + 60)
            let token = try await fixture.tokens.issue(claims).access
            return try await fixture.flow.owner(ofAccessToken: token)
        }
        let alice = fixture.alice.id.text
        #expect(try await access(alice, session.id.text) != nil)
        #expect(try await access("somebody-else", session.id.text) == nil)
        #expect(try await access(alice, "x") == nil)
    }

    @Test("is not known while the keys are not there: that is no no")
    func keysDown() async throws {
        let fixture = try FlowFixture()
        let token = try await fixture.signIn().grant.accessToken
        #expect(try await fixture.flow.owner(ofAccessToken: "x") == nil)
        fixture.tokens.fail(with: TokenError(.keysUnavailable, "gone"))
        await #expect(throws: FlowError(.tokens, "")) {
            try await fixture.flow.owner(ofAccessToken: token)
        }
    }
}
