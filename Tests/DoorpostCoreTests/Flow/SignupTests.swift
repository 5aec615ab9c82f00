import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("Signing up")
struct SignupTests {
    private static let domains = SignupPolicy.domains(["example.org", "b.example"])

    private func fixture(_ signup: SignupPolicy) throws -> FlowFixture {
        try FlowFixture(policy: FlowPolicy(signup: signup))
    }

    @Test(
        "is for whom the policy allows",
        arguments: [
            (SignupPolicy.closed, "eve@example.org", false), (.open, "eve@example.org", true),
            (.open, "not an address", false), (domains, "eve@example.org", true),
            (domains, "Eve@EXAMPLE.org", true), (domains, "eve@b.example", true),
            (domains, "eve@sub.example.org", false), (domains, "eve@notexample.org", false),
            (domains, "eve@example.org.evil.example", false), (domains, "eve@org", false),
            (.domains([]), "eve@example.org", false),
        ])
    func policies(policy: SignupPolicy, address: String, isAllowed: Bool) async throws {
        let fixture = try fixture(policy)
        let context = FlowFixture.web()
        let (started, code) = try await fixture.start(.email(address), in: context)
        #expect((started.mail != nil) == isAllowed)
        #expect(started.isDecoy == !isAllowed)
        let result = try await fixture.verify(code ?? "nonsense", started, in: context)
        #expect(result == (isAllowed ? "signed in" : "wrong, 2 left"))
        let added = try fixture.store.users(after: nil, limit: 9).filter { $0 != fixture.alice }
        #expect(added.count == (isAllowed ? 1 : 0))
    }

    @Test("makes a user with the address and nothing else, and signs in")
    func user() async throws {
        let fixture = try fixture(.open)
        let (signIn, grant) = try await fixture.signIn(.email("Eve+tag@Example.org"))
        let user = try #require(try fixture.store.user(.id(signIn.user.id)))
        #expect(user == signIn.user)
        #expect(user.email.canonical == "eve+tag@example.org")
        #expect(user.login == nil && user.name == nil && user.groups.isEmpty && user.isEnabled)
        // A random UUID, in lower case.
        #expect(user.id.text.count == 36)
        #expect(Array(user.id.text)[14] == "4")
        #expect("89ab".contains(Array(user.id.text)[19]))
        #expect(try await fixture.flow.owner(ofAccessToken: grant.accessToken)?.user == user)
        let kinds = try fixture.store.auditTrail(AuditQuery(user: user.id)).map(\.event.kind)
        #expect(kinds == [.userAdded, .signedIn])
        // From now on, a user like any other.
        fixture.clock.advance(by: .hours(1))
        #expect(try await fixture.signIn(.email("eve+tag@example.org")).signIn.user.id == user.id)
        #expect(try fixture.store.users(after: nil, limit: 9).count == 2)
    }

    @Test("is never through PAM, and never by a login name")
    func webOnly() async throws {
        let fixture = try fixture(.open)
        let names: [(SignInName, SignInContext)] = [
            (.email("eve@example.org"), FlowFixture.context()),
            (.login("eve"), FlowFixture.context()), (.login("eve"), FlowFixture.web()),
            (.login("eve@example.org"), FlowFixture.web()),
        ]
        for (name, context) in names {
            let started = try await fixture.start(name, in: context).started
            #expect(started.isDecoy && started.mail == nil, "\(name)")
            fixture.clock.advance(by: .minutes(6))
        }
        #expect(try fixture.store.outbox(includingSent: true, limit: 9).isEmpty)
    }

    @Test("does not bring a disabled user back")
    func disabled() async throws {
        let fixture = try fixture(.open)
        try fixture.change { $0.isEnabled = false }
        for name in ["alice@example.org", "ALICE@example.org"] {
            let context = FlowFixture.web()
            let started = try await fixture.start(.email(name), in: context).started
            #expect(started.isDecoy && started.mail == nil)
        }
    }

    @Test("asks the policy again when the code is entered")
    func policyChanged() async throws {
        let fixture = try fixture(.open)
        let (started, code) = try await fixture.start(
            .email("eve@example.org"), in: FlowFixture.web())
        let closed = fixture.flow { $0.signup = .closed }
        let answer = CodeAnswer(try #require(code).utf8)
        let outcome = try await closed.verify(
            answer, challenge: started.live.id, in: FlowFixture.web())
        guard case .wrong(attemptsLeft: 2) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try fixture.store.users(after: nil, limit: 9) == [fixture.alice])
    }

    @Test("of somebody who was added meanwhile signs that user in, unless disabled")
    func addedMeanwhile() async throws {
        for isEnabled in [true, false] {
            let fixture = try fixture(.open)
            let (started, code) = try await fixture.start(
                .email("eve@example.org"), in: FlowFixture.web())
            let eve = User(
                id: UserID("eve"), email: try #require(EmailAddress("eve@example.org")),
                login: LoginName("eve"), isEnabled: isEnabled, createdAt: fixture.clock.now)
            try fixture.store.addUser(eve, audit: FlowFixture.admin(.userAdded, fixture.clock.now))
            let result = try await fixture.verify(
                try #require(code), started, in: FlowFixture.web())
            #expect(result == (isEnabled ? "signed in" : "wrong, 2 left"))
            let sessions = try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9)
            #expect(sessions.map(\.user) == (isEnabled ? [eve.id] : []))
        }
    }

    @Test("adds exactly one user for 64 right answers at once")
    func parallel() async throws {
        var policy = FlowPolicy(signup: .open)
        policy.code.attempts = 64
        policy.limits.failuresPerAccount = [Rate(64, per: .days(1))]
        policy.limits.failuresPerSource = [Rate(64, per: .days(1))]
        let fixture = try FlowFixture(policy: policy)
        let context = FlowFixture.web()
        let (started, code) = try await fixture.start(.email("eve@example.org"), in: context)
        let typed = try #require(code)
        let results = await withTaskGroup(of: String.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    (try? await fixture.verify(typed, started, in: context)) ?? "error"
                }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(results.filter { $0 == "signed in" }.count == 1)
        #expect(results.filter { $0 == "used" }.count == 63)
        #expect(try fixture.store.users(after: nil, limit: 9).count == 2)
    }

    @Test("of two tags of one mailbox is two sign-ups: neither gets the other's code")
    func tags() async throws {
        let fixture = try fixture(.open)
        let context = FlowFixture.web()
        let (first, _) = try await fixture.start(.email("eve+a@example.org"), in: context)
        let (second, code) = try await fixture.start(.email("eve+b@example.org"), in: context)
        #expect(first.live.id != second.live.id)
        #expect(second.mail?.message.to.canonical == "eve+b@example.org")
        #expect(try await fixture.verify(try #require(code), second, in: context) == "signed in")
        #expect(
            try fixture.store.user(.email(try #require(EmailAddress("eve+a@example.org")))) == nil)
    }
}

@Suite("Half of the relay's quota")
struct StrangerHalfTests {
    @Test(
        "is for strangers, rounded up",
        arguments: [(1000, 500), (5, 3), (1, 1), (0, 0)])
    func halves(count: Int, strangers: Int) throws {
        var limits = LimitPolicy.standard
        limits.mailsTotal = [Rate(count, per: .hours(1))]
        for rules in [
            limits.rules(forStartFrom: Source("192.0.2.7"), of: nil, subject: "name:x"),
            limits.rulesForResend,
        ] {
            let rule = try #require(rules.first { $0.name == .mailsTotal })
            #expect(rule.rates == [Rate(count, per: .hours(1))])
            #expect(rule.strangerRates == [Rate(strangers, per: .hours(1))])
            #expect(rules.filter { $0.strangerRates != nil }.count == 1)
        }
    }

    @Test("is left for those who signed in from there before")
    func left() async throws {
        var policy = FlowPolicy()
        policy.limits.mailsTotal = [Rate(4, per: .hours(1))]
        policy.code.resendAfter = .seconds(0)
        let fixture = try FlowFixture(policy: policy)
        _ = try await fixture.signIn(in: FlowFixture.web(source: "192.0.2.1"))
        _ = try await fixture.start(in: FlowFixture.context(source: "198.51.100.1"))
        guard
            case .limited(_, .mailsTotal) = try await fixture.flow.initiate(
                .login("alice"), in: FlowFixture.context(source: "198.51.100.2"))
        else {
            Issue.record("strangers use up more than their half")
            return
        }
        // The whole /64, or the address: whoever signed in is known at every door.
        #expect(
            try await fixture.start(in: FlowFixture.context(source: "192.0.2.1")).started.mail
                != nil)
    }
}
