import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("Signing in on the web")
struct WebSignInTests {
    @Test("gives id, access and refresh token, and a session at the start of its family")
    func grant() async throws {
        let fixture = try FlowFixture()
        let (signIn, grant) = try await fixture.signIn()
        let session = try #require(try fixture.store.session(signIn.session.id))
        #expect(session == signIn.session)
        #expect(session.door == "web")
        #expect(session.refreshGeneration == 0)
        #expect(session.refreshedAt == nil)
        #expect(session.sourceKey == Source("192.0.2.7").limitKey)
        #expect(session.expiresAt == fixture.clock.now + .days(30))
        #expect(grant.idToken == "id-for-\(fixture.alice.id)")
        #expect(grant.expiresIn == .minutes(60))
        #expect(grant.refreshExpiresIn == .days(30))
        let owner = try await fixture.flow.owner(ofAccessToken: grant.accessToken)
        #expect(owner?.user == fixture.alice)
        #expect(owner?.session == session)
    }

    @Test("and through PAM are two things: a code of one is none of the other")
    func doors() async throws {
        for (door, other) in [
            (FlowFixture.context(), FlowFixture.web()), (FlowFixture.web(), FlowFixture.context()),
        ] {
            let fixture = try FlowFixture()
            let (started, code) = try await fixture.start(in: door)
            let typed = try #require(code)
            #expect(try await fixture.verify(typed, started, in: other) == "unknown")
            // Not even where service and host are called the same.
            var same = door
            same.door = other.door
            #expect(try await fixture.verify(typed, started, in: same) == "unknown")
            fixture.clock.advance(by: .seconds(61))
            guard
                case .unknownChallenge = try await fixture.flow.resend(
                    challenge: started.live.id, in: same)
            else {
                Issue.record("mailed again through the other door")
                continue
            }
            #expect(try await fixture.verify(typed, started, in: door) == "signed in")
        }
    }

    @Test("gives a session of PAM no refresh tokens")
    func pam() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        #expect(try await fixture.verify(try #require(code), started) == "signed in")
        let sessions = try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9)
        #expect(sessions.map(\.refreshGeneration) == [nil])
    }

    @Test("shares the account's failure budget with PAM")
    func budget() async throws {
        let fixture = try FlowFixture()
        for round in 0..<5 {
            for context in [
                FlowFixture.context(source: "198.51.100.\(round)"),
                FlowFixture.web(source: "203.0.113.\(round)"),
            ] {
                let who =
                    context.door == .pam
                    ? SignInName.login("alice") : .email("alice@example.org")
                let started = try await fixture.start(who, in: context).started
                #expect(
                    try await fixture.verify("nonsense", started, in: context) == "wrong, 2 left")
                fixture.clock.advance(by: .hours(1))
            }
        }
        for context in [FlowFixture.context(), FlowFixture.web()] {
            guard
                case .limited(_, .failuresPerAccount) = try await fixture.flow.initiate(
                    .login("alice"), in: context)
            else {
                Issue.record("\(context.door) has a budget of its own")
                continue
            }
        }
    }

    @Test("leaves no secret in a description")
    func redacted() async throws {
        let fixture = try FlowFixture()
        let (signIn, grant) = try await fixture.signIn()
        let handle = try fixture.flow.handle(of: ChallengeID("c"), for: .login("alice"))
        let refresh = try #require(RefreshToken(grant.refreshToken, keys: fixture.keys))
        let shown = [
            "\(handle)", String(reflecting: handle), "\(grant)", String(reflecting: grant),
            "\(refresh)", String(reflecting: refresh), "\(signIn)", String(reflecting: signIn),
            "\(VerifyOutcome.signedIn(signIn))",
            "\(RefreshOutcome.refreshed(grant, isRepeated: false))",
        ].joined()
        for secret in [
            handle.text, grant.idToken, grant.accessToken, grant.refreshToken,
            String(grant.refreshToken.suffix(20)),
        ] {
            #expect(!shown.contains(secret))
        }
    }
}

@Suite("Who asks for a code on the web")
struct SameAnswerTests {
    /// What a door may show of an outcome.
    private func shown(_ outcome: InitiateOutcome) -> String {
        switch outcome {
        case .limited(let wait, let limit): "limited \(wait.milliseconds) \(limit)"
        case .refused: "refused"
        case .confirmed: "confirmed"
        case .started(let started):
            "mailed \(started.live.mailedAt.milliseconds), expires "
                + "\(started.live.expiresAt.milliseconds), \(started.live.attemptsLeft) left, "
                + "id of \(started.live.id.text.utf8.count), resumed: \(started.isResumed)"
        }
    }

    private static let kinds = [
        "known", "unknown", "disabled", "bounced", "no address", "sign-up", "by login",
        "unknown login",
    ]

    /// A flow with alice in some condition, and the name that is asked for.
    private func world(_ kind: String) throws -> (FlowFixture, Flow, SignInName) {
        let fixture = try FlowFixture()
        var name = SignInName.email("alice@example.org")
        var flow = fixture.flow
        switch kind {
        case "unknown": name = .email("ghost@example.org")
        case "no address": name = .email("not an address")
        case "sign-up":
            name = .email("ghost@example.org")
            flow = fixture.flow { $0.signup = .open }
        case "disabled": try fixture.change { $0.isEnabled = false }
        case "bounced": try fixture.change { $0.bounce = Bounce(at: $0.createdAt, reason: "no") }
        case "by login": name = .login("alice")
        case "unknown login": name = .login("ghost")
        default: break
        }
        return (fixture, flow, name)
    }

    @Test("sees the same, whoever it is", arguments: kinds)
    func same(_ kind: String) async throws {
        /// What a stranger can see in some days of trying.
        func transcript(_ kind: String) async throws -> [String] {
            let (fixture, flow, name) = try world(kind)
            var lines: [String] = []
            func ask(_ source: String) async throws -> ChallengeID? {
                let outcome = try await flow.initiate(name, in: FlowFixture.web(source: source))
                lines.append(shown(outcome))
                guard case .started(let started) = outcome else { return nil }
                return started.live.id
            }
            for round in 0..<8 {
                let source = "198.51.100.\(round)"
                let id = try await ask(source) ?? ChallengeID("none")
                _ = try await ask("203.0.113.9")
                fixture.clock.advance(by: .seconds(10))
                _ = try await ask(source)
                let context = FlowFixture.web(source: source)
                let outcome = try await flow.verify(
                    CodeAnswer("nonsense".utf8), challenge: id, in: context)
                lines.append("\(outcome)")
                fixture.clock.advance(by: .seconds(51))
                switch try await flow.resend(challenge: id, in: context) {
                case .resent(let live, _):
                    lines.append(
                        "resent, \(live.attemptsLeft) left, \(live.mailedAt.milliseconds)")
                case let other: lines.append("\(other)")
                }
                fixture.clock.advance(by: .minutes(17))
            }
            return lines
        }
        #expect(try await transcript(kind) == (try await transcript("known")))
    }

    /// A login name and an address of one user look like those of two strangers: neither resumes,
    /// delays or is counted with the other's challenges, whichever door they come to.
    @Test("cannot tell that a login name and an address are one user's")
    func names() async throws {
        func transcript(_ name: String) async throws -> [String] {
            let fixture = try FlowFixture()
            var lines: [String] = []
            for round in 0..<2 {
                let contexts = [
                    FlowFixture.web(), FlowFixture.web(), FlowFixture.web(source: "198.51.100.9"),
                    FlowFixture.context(),
                ]
                let names: [SignInName] = [
                    .login(name), .email("\(name)@example.org"), .email("\(name)@example.org"),
                    .login(name),
                ]
                for (who, context) in zip(names, contexts) {
                    let outcome = try await fixture.flow.initiate(who, in: context)
                    lines.append("\(round) \(shown(outcome))")
                    guard case .started(let started) = outcome else { continue }
                    lines.append(try await fixture.verify("nonsense", started, in: context))
                    fixture.clock.advance(by: .seconds(5))
                }
            }
            return lines
        }
        let known = try await transcript("alice")
        #expect(known == (try await transcript("ghost")))
        #expect(known[0].contains("resumed: false") && known[2].contains("resumed: false"))
    }

    /// Tags of one mailbox are other people to the pool: whether one of them is in it must not
    /// show in whether another resumes, or has to wait for, its challenge.
    @Test("cannot tell who is in the pool by a tag of the mailbox")
    func tags() async throws {
        func transcript(_ name: String) async throws -> [String] {
            let fixture = try FlowFixture()
            var shown: [String] = []
            for tag in ["", "+x", "+y", ""] {
                let outcome = try await fixture.flow.initiate(
                    .email("\(name)\(tag)@example.org"), in: FlowFixture.web())
                fixture.clock.advance(by: .seconds(10))
                shown.append(self.shown(outcome))
            }
            return shown
        }
        let (known, unknown) = (try await transcript("alice"), try await transcript("ghost"))
        #expect(known == unknown)
    }

    @Test("and whose mail comes back gets none, until a code from it is entered")
    func bounced() async throws {
        let fixture = try FlowFixture()
        let (first, code) = try await fixture.start()
        try fixture.store.mailSent(
            try #require(first.mail?.id), answer: "250", at: fixture.clock.now)
        let marked = try fixture.store.markBounced(
            try #require(first.mail?.id), recipient: fixture.alice.email,
            audit: FlowFixture.admin(.mailBounced, fixture.clock.now), reason: "550")
        #expect(marked?.id == fixture.alice.id)
        // Through every door, and for the challenge that lives.
        fixture.clock.advance(by: .seconds(61))
        for (context, isResumed) in [
            (FlowFixture.context(), true), (FlowFixture.context(source: "192.0.2.8"), false),
        ] {
            let started = try await fixture.start(in: context).started
            #expect(started.isDecoy && started.mail == nil)
            #expect(started.isResumed == isResumed)
        }
        let trail = try fixture.store.auditTrail(AuditQuery(user: fixture.alice.id))
        #expect(trail.last?.event.detail == "not mailed: mail to the address comes back")
        guard
            case .resent(_, let mail) = try await fixture.flow.resend(
                challenge: first.live.id, in: FlowFixture.context())
        else {
            Issue.record("not mailed again")
            return
        }
        #expect(mail == nil)
        // The first mail did arrive.
        #expect(try await fixture.verify(try #require(code), first) == "signed in")
        #expect(try fixture.store.user(.id(fixture.alice.id))?.bounce == nil)
        fixture.clock.advance(by: .minutes(6))
        #expect(try await fixture.start().started.mail != nil)
    }
}
