import DoorpostCore
import DoorpostTokens
import Glibc
import Testing

/// Rotation with files and tokens: what a server that runs all the while signs and accepts.
@Suite struct RotationTests {
    private func kid(_ token: String) throws -> String {
        let header = try #require(Base64URL.decode(token.prefix { $0 != "." }))
        let text = String(decoding: header, as: UTF8.self)
        let start = try #require(text.firstRange(of: #""kid":""#)?.upperBound)
        return String(text[start...].prefix { $0 != "\"" })
    }

    @Test func `a running issuer follows key rotate, and old tokens stay good`() async throws {
        let fixture = try Fixture()
        let now = Fixture.now
        let old = try await fixture.tokens.issue(Fixture.claims(life: 12 * 3600))
        let outcome = try fixture.directory.rotate(to: .edDSA, now: now)
        guard case .created(let next) = outcome else { throw TokenError(.invalid, "\(outcome)") }
        #expect(next.signFrom == now + .hours(24))
        #expect(try fixture.directory.rotate(to: .es256, now: now) == .alreadyWaiting(next))

        let before = try await fixture.tokens.issue(Fixture.claims(at: now + .hours(23)))
        #expect(try kid(before) == fixture.key.id.text)
        let published = String(decoding: try await fixture.tokens.jwks(now: now), as: UTF8.self)
        #expect(published.contains(next.id.text))

        let after = now + .hours(24)
        let new = try await fixture.tokens.issue(Fixture.claims(at: after))
        #expect(try kid(new) == next.id.text)
        let read = try await fixture.tokens.verify(new, audience: nil, now: after)
        #expect(read == Fixture.claims(at: after))
        _ = try await fixture.tokens.verify(old, audience: nil, now: now + .hours(11))
        #expect(try fixture.directory.prune(now: after) == [])
        #expect(try fixture.directory.prune(now: after + .hours(12)) == [fixture.key.id])
        #expect(fixture.temporary.names(in: fixture.directory.path) == ["\(next.id).pem"])
    }

    @Test func `a retired key's tokens are refused though the file is still there`() async throws {
        let fixture = try Fixture()
        let forge = try Forge(fixture)
        let long = try forge.sign(payload: Forge.payload(["exp": "1900000000"]))
        _ = try fixture.directory.rotate(to: .es256, now: Fixture.now)
        let end = Fixture.now + .hours(36)
        _ = try await fixture.tokens.verify(
            long, audience: nil, now: end - Span(milliseconds: 1))
        await #expect(throws: TokenError(.invalid, "")) {
            try await fixture.tokens.verify(long, audience: nil, now: end)
        }
    }

    @Test func `a compromised key counts no more, at once`() async throws {
        let fixture = try Fixture()
        let now = Fixture.now
        let stolen = try await fixture.tokens.issue(Fixture.claims())
        _ = try fixture.directory.rotate(to: .es256, now: now)
        let outcome = try fixture.directory.rotate(to: .es256, reason: .compromised, now: now)
        guard case .created(let new) = outcome else { throw TokenError(.invalid, "\(outcome)") }
        await #expect(throws: TokenError(.invalid, "")) {
            try await fixture.tokens.verify(stolen, audience: nil, now: now)
        }
        let token = try await fixture.tokens.issue(Fixture.claims())
        #expect(try kid(token) == new.id.text)
        _ = try await fixture.tokens.verify(token, audience: nil, now: now)
        let states = try fixture.directory.ring().descriptions(at: now).map(\.state)
        #expect(states.filter { $0 == .revoked }.count == 2)
        #expect(states.filter { $0 == .signing }.count == 1)
        #expect(try fixture.directory.prune(now: now).count == 2)
    }

    @Test func `the second first key is refused and the first stays`() throws {
        let fixture = try Fixture()
        #expect(throws: TokenError(.keysUnavailable, "")) {
            try fixture.directory.initialize(algorithm: .es256, now: Fixture.now)
        }
        #expect(try fixture.directory.ring().records == [fixture.key])
    }

    @Test func `nothing but initialize and rotate ever makes a key`() async throws {
        let temporary = TemporaryDirectory()
        let directory = KeyDirectory(path: "\(temporary.path)/keys")
        let tokens = KeyRingTokenIssuer(directory: directory, issuer: Fixture.issuer)
        for _ in 0..<2 {
            await #expect(throws: TokenError(.keysUnavailable, "")) {
                try await tokens.issue(Fixture.claims())
            }
            mkdir(directory.path, 0o700)
        }
        #expect(temporary.names(in: directory.path) == [])
        #expect(try directory.ring().records == [])
        guard case .created(let key) = try directory.rotate(to: .es256, now: Fixture.now) else {
            throw TokenError(.invalid, "no key")
        }
        #expect(key.signFrom == Fixture.now)
    }

    @Test func `no key signs before its time, as after a clock that was lost`() async throws {
        let fixture = try Fixture()
        await #expect(throws: TokenError(.keysUnavailable, "")) {
            try await fixture.tokens.issue(Fixture.claims(at: Timestamp(seconds: 1000)))
        }
    }

    @Test func `many rotations at once make one key`() async throws {
        let fixture = try Fixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // An RSA key takes long to make: without the lock, all would look before one is written.
            for _ in 0..<4 {
                group.addTask { _ = try fixture.directory.rotate(to: .rs256, now: Fixture.now) }
            }
            try await group.waitForAll()
        }
        #expect(try fixture.directory.ring().records.count == 2)
    }
}
