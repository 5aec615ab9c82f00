import DoorpostCore
import DoorpostTesting
import Testing

@Suite("Verifying a code")
struct VerifyTests {
    @Test("signs in once, with a session and a token, and never again")
    func once() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        let typed = try #require(code)
        let outcome = try await fixture.flow.verify(
            CodeAnswer(typed.utf8), challenge: started.live.id, in: FlowFixture.context())
        guard case .signedIn(let signIn) = outcome else {
            Issue.record("not signed in: \(outcome)")
            return
        }
        #expect(signIn.user.id == fixture.alice.id)
        guard case .sessionToken(let token) = signIn.credential else {
            Issue.record("a PAM sign-in has a session token")
            return
        }
        #expect(token == "token-for-\(signIn.session.id)")
        #expect(try fixture.store.session(signIn.session.id)?.user == fixture.alice.id)
        #expect(!"\(signIn)".contains("token-for"))
        #expect(try await fixture.verify(typed, started) == "used")
    }

    @Test("refuses the right code after three wrong ones")
    func threeWrong() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        #expect(try await fixture.verify(FlowFixture.wrong(code), started) == "wrong, 2 left")
        #expect(try await fixture.verify(FlowFixture.wrong(code), started) == "wrong, 1 left")
        #expect(try await fixture.verify(FlowFixture.wrong(code), started) == "tries used up")
        #expect(try await fixture.verify(try #require(code), started) == "tries used up")
    }

    @Test("refuses a code as soon as its life is over, not before")
    func expiry() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        fixture.clock.advance(by: Span(milliseconds: 5 * 60_000 - 1))
        #expect(try await fixture.verify(FlowFixture.wrong(code), started) == "wrong, 2 left")
        fixture.clock.advance(by: Span(milliseconds: 1))
        #expect(try await fixture.verify(try #require(code), started) == "expired")
        fixture.clock.advance(by: .seconds(1))
        #expect(try await fixture.verify(try #require(code), started) == "expired")
    }

    @Test(
        "refuses a code at another service, host or door",
        arguments: [("sudo", "h1"), ("sshd", "h2"), ("sshd|4:h1", ""), ("login", "h1")])
    func otherPurpose(service: String, host: String) async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        let other = FlowFixture.context(service: service, host: host)
        #expect(try await fixture.verify(try #require(code), started, in: other) == "unknown")
        var web = FlowFixture.context()
        web.door = .web
        #expect(try await fixture.verify(try #require(code), started, in: web) == "unknown")
        #expect(try await fixture.verify(try #require(code), started) == "signed in")
    }

    @Test("refuses the code of another challenge")
    func otherChallenge() async throws {
        let fixture = try FlowFixture()
        let (first, code) = try await fixture.start()
        fixture.clock.advance(by: .seconds(61))
        let second = try await fixture.start(in: FlowFixture.context(source: "192.0.2.8")).started
        #expect(first.live.id != second.live.id)
        let elsewhere = FlowFixture.context(source: "192.0.2.8")
        #expect(
            try await fixture.verify(try #require(code), second, in: elsewhere) == "wrong, 2 left")
        #expect(try await fixture.verify(try #require(code), first) == "signed in")
    }

    @Test("keeps one failure budget for an account, over all challenges, services and sources")
    func accountBudget() async throws {
        let fixture = try FlowFixture()
        var evaluated = 0
        for round in 0..<12 {
            let context = FlowFixture.context(
                service: "service\(round)", source: "198.51.100.\(round)")
            guard
                case .started(let started) = try await fixture.flow.initiate(
                    .login("alice"), in: context)
            else { break }
            let result = try await fixture.verify("nonsense", started, in: context)
            if result.hasPrefix("wrong") { evaluated += 1 }
            // Past the life of this challenge and the mails of this hour.
            fixture.clock.advance(by: .hours(1))
        }
        #expect(evaluated == 10)
        let context = FlowFixture.context(source: "203.0.113.1")
        guard
            case .limited(let wait, .failuresPerAccount) =
                try await fixture.flow.initiate(.login("alice"), in: context)
        else {
            Issue.record("the account's budget did not hold")
            return
        }
        fixture.clock.advance(by: wait)
        _ = try await fixture.start(in: context)
    }

    @Test("takes a right answer's failure back: ten sign-ins in a day cost no budget")
    func successesCostNothing() async throws {
        let fixture = try FlowFixture()
        for _ in 0..<15 {
            let (started, code) = try await fixture.start()
            #expect(try await fixture.verify(try #require(code), started) == "signed in")
            fixture.clock.advance(by: .minutes(80))
        }
    }

    @Test("costs nobody a code when the signing key is missing")
    func tokensDown() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        fixture.tokens.fail(with: TokenError(.keysUnavailable, "gone"))
        await #expect(throws: FlowError(.tokens, "")) {
            try await fixture.verify(try #require(code), started)
        }
        #expect(try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9).isEmpty)
        fixture.tokens.fail(with: nil)
        #expect(try await fixture.verify(try #require(code), started) == "signed in")
    }

    @Test("refuses a user who was disabled after the code was mailed")
    func disabledMeanwhile() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        var disabled = fixture.alice
        disabled.isEnabled = false
        _ = try fixture.store.updateUser(
            disabled, audit: FlowFixture.admin(.userChanged, fixture.clock.now))
        #expect(try await fixture.verify(try #require(code), started) != "signed in")
    }

    /// Between the look at the user and the end of the challenge, an administrator was faster.
    @Test("counts and records it as a wrong answer when the user goes at the last moment")
    func goneAtTheLastMoment() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        let typed = try #require(code)
        let flow = Flow(
            store: fixture.store,
            tokens: MeddlingTokens(meddle: { try? fixture.change { $0.isEnabled.toggle() } }),
            clock: fixture.clock, random: SystemRandom(), keys: fixture.keys, policy: FlowPolicy())
        for _ in 0..<2 { _ = try await fixture.verify(FlowFixture.wrong(code), started) }
        let outcome = try await flow.verify(
            CodeAnswer(typed.utf8), challenge: started.live.id, in: FlowFixture.context())
        guard case .triesUsedUp = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let kinds = try fixture.store.auditTrail(AuditQuery()).map(\.event.kind)
        #expect(kinds.suffix(3) == [.codeWrong, .userChanged, .triesUsedUp])
        #expect(try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9).isEmpty)
    }

    @Test("evaluates exactly three of 64 parallel wrong guesses")
    func parallelGuesses() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        let wrong = FlowFixture.wrong(code)
        let results = await withTaskGroup(of: String.self) { group in
            for _ in 0..<64 {
                group.addTask { (try? await fixture.verify(wrong, started)) ?? "error" }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        let trail = try fixture.store.auditTrail(AuditQuery())
        #expect(trail.filter { [.codeWrong, .triesUsedUp].contains($0.event.kind) }.count == 3)
        #expect(results.filter { $0.hasPrefix("wrong") }.count == 2)
        #expect(results.filter { $0 == "tries used up" }.count == 62)
    }

    @Test("lets exactly one of 64 parallel right answers in")
    func parallelAnswers() async throws {
        var policy = FlowPolicy()
        policy.code.attempts = 64
        policy.limits.failuresPerAccount = [Rate(64, per: .days(1))]
        policy.limits.failuresPerSource = [Rate(64, per: .days(1))]
        let fixture = try FlowFixture(policy: policy)
        let (started, code) = try await fixture.start()
        let typed = try #require(code)
        let results = await withTaskGroup(of: String.self) { group in
            for _ in 0..<64 {
                group.addTask { (try? await fixture.verify(typed, started)) ?? "error" }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(results.filter { $0 == "signed in" }.count == 1)
        #expect(results.filter { $0 == "used" }.count == 63)
        #expect(try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 99).count == 1)
    }
}

/// An issuer that lets something happen before it signs.
private struct MeddlingTokens: TokenIssuer {
    let tokens = PlainTokens()
    let meddle: @Sendable () -> Void

    func issue(_ claims: SessionClaims, changes: TokenChanges.Claims)
        async throws(TokenError) -> String
    {
        meddle()
        return try await tokens.issue(claims)
    }

    func verify(_ token: String, audience: String?, now: Timestamp)
        async throws(TokenError) -> SessionClaims
    {
        try await tokens.verify(token, audience: audience, now: now)
    }

    func issue(_ claims: WebClaims) async throws(TokenError) -> WebTokens {
        meddle()
        return try await tokens.issue(claims)
    }

    func verifyAccess(_ token: String, now: Timestamp) async throws(TokenError) -> AccessClaims {
        try await tokens.verifyAccess(token, now: now)
    }

    func verifyPoolAccess(_ token: String, now: Timestamp)
        async throws(TokenError) -> AccessClaims
    {
        try await tokens.verifyPoolAccess(token, now: now)
    }

    func claims(of token: String, audience: String?, now: Timestamp)
        async throws(TokenError) -> TokenClaims
    {
        try await tokens.claims(of: token, audience: audience, now: now)
    }

    func jwks(now: Timestamp) async throws(TokenError) -> [UInt8] {
        try await tokens.jwks(now: now)
    }

    func prepare(at now: Timestamp) async throws(TokenError) {
        try await tokens.prepare(at: now)
    }
}
