import DoorpostCore
import DoorpostTesting
import Testing

@Suite("Somebody who is not in the pool")
struct DecoyTests {
    private static let strangers: [SignInName] = [
        .login("ghost"), .login("../x"), .login("-froot"), .login(""), .login("a\0b"),
        .login(String(repeating: "x", count: 10_000)), .login("Alice"), .login("\u{fffd}"),
        .email("ghost@example.org"), .email("not an address"), .email("alıce@example.org"),
    ]

    @Test("sees what a user sees, and is mailed nothing", arguments: strangers)
    func alike(stranger: SignInName) async throws {
        let fixture = try FlowFixture()
        let known = try await fixture.start(in: FlowFixture.context(source: "192.0.2.1")).started
        let context = FlowFixture.context(source: "192.0.2.2")
        let unknown = try await fixture.start(stranger, in: context).started
        #expect(unknown.mail == nil && unknown.isDecoy && !known.isDecoy)
        #expect(unknown.live.attemptsLeft == known.live.attemptsLeft)
        #expect(unknown.live.expiresAt == known.live.expiresAt)
        #expect(unknown.isResumed == known.isResumed)
        for expected in ["wrong, 2 left", "wrong, 1 left", "tries used up"] {
            #expect(try await fixture.verify("nonsense", unknown, in: context) == expected)
        }
        #expect(try fixture.store.outbox(includingSent: true, limit: 9).count == 1)
    }

    @Test("is resumed, held up and limited like a user")
    func limitedAlike() async throws {
        for name in ["alice", "ghost"] {
            let fixture = try FlowFixture()
            _ = try await fixture.start(.login(name))
            #expect(try await fixture.start(.login(name)).started.isResumed)
            let elsewhere = FlowFixture.context(source: "192.0.2.8")
            guard
                case .limited(let wait, .resendAfter) =
                    try await fixture.flow.initiate(.login(name), in: elsewhere)
            else {
                Issue.record("\(name) was not held up")
                continue
            }
            #expect(wait == .seconds(60))
        }
    }

    @Test("is what a disabled user looks like")
    func disabled() async throws {
        let fixture = try FlowFixture()
        var disabled = fixture.alice
        disabled.isEnabled = false
        _ = try fixture.store.updateUser(
            disabled, audit: FlowFixture.admin(.userChanged, fixture.clock.now))
        #expect(try await fixture.start().started.isDecoy)
        #expect(try fixture.flow.accountState(login: "alice") == .disabled)
        #expect(try fixture.flow.accountState(login: "ghost") == .notEnrolled)
    }

    @Test("does not stand in the store under what was typed: it may be a password")
    func pseudonymous() async throws {
        let fixture = try FlowFixture()
        _ = try await fixture.start(.login("hunter2-my-password"))
        let trail = try fixture.store.auditTrail(AuditQuery())
        #expect(!trail.contains { "\($0)".contains("hunter2") })
    }

    @Test("shares one mail limit between all tags of an unknown mailbox")
    func foldedTags() async throws {
        let fixture = try FlowFixture()
        for tag in 0..<5 {
            let context = FlowFixture.context(source: "192.0.2.\(tag)")
            _ = try await fixture.start(.email("ghost+\(tag)@example.org"), in: context)
            fixture.clock.advance(by: .minutes(6))
        }
        guard
            case .limited(_, let limit) = try await fixture.flow.initiate(
                .email("ghost+9@example.org"), in: FlowFixture.context(source: "192.0.2.99"))
        else {
            Issue.record("a sixth mail to one mailbox")
            return
        }
        #expect(limit == .mailsPerAddress)
    }
}

@Suite("Asking for the mail again")
struct ResendTests {
    @Test("mails the same code after a minute, and refills no tries")
    func sameCode() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        #expect(try await fixture.verify(FlowFixture.wrong(code), started) == "wrong, 2 left")
        let context = FlowFixture.context()
        guard
            case .limited(let wait, .resendAfter) =
                try await fixture.flow.resend(challenge: started.live.id, in: context)
        else {
            Issue.record("mailed again at once")
            return
        }
        fixture.clock.advance(by: wait)
        guard
            case .resent(let live, let mail) =
                try await fixture.flow.resend(challenge: started.live.id, in: context)
        else {
            Issue.record("not mailed again")
            return
        }
        #expect(live.attemptsLeft == 2)
        #expect(mail?.message.text == started.mail?.message.text)
        #expect(mail?.message.code?.occasion == .resend)
        #expect(try await fixture.verify(FlowFixture.wrong(code), started) == "wrong, 1 left")
        #expect(try await fixture.verify(FlowFixture.wrong(code), started) == "tries used up")
        #expect(try await fixture.verify(try #require(code), started) == "tries used up")
    }

    @Test("of another purpose's challenge is refused")
    func otherPurpose() async throws {
        let fixture = try FlowFixture()
        let started = try await fixture.start().started
        fixture.clock.advance(by: .seconds(61))
        guard
            case .unknownChallenge = try await fixture.flow.resend(
                challenge: started.live.id, in: FlowFixture.context(service: "sudo"))
        else {
            Issue.record("mailed again for another service")
            return
        }
    }
}
