import DoorpostTesting
import Synchronization
import Testing

@testable import DoorpostCore

/// Strangers share a budget; who signed in from a source before, and the console, have their own.
@Suite("A budget of one's own")
struct PotTests {
    /// From here alice signs in.
    private let home = FlowFixture.context(source: "192.0.2.7")
    private let console = FlowFixture.context(service: "login", source: "")

    /// What a test is about is one limit of an account; those of sources stand aside.
    private func fixture(_ change: (inout LimitPolicy) -> Void = { _ in }) throws -> FlowFixture {
        var policy = FlowPolicy()
        policy.limits.failuresPerSource = [Rate(1000, per: .hours(1))]
        policy.limits.startsPerSource = [Rate(1000, per: .hours(1))]
        change(&policy.limits)
        return try FlowFixture(policy: policy)
    }

    private func stranger(_ number: Int) -> SignInContext {
        FlowFixture.context(source: "198.51.100.\(number)")
    }

    private func onHost(_ id: String, source: String) -> SignInContext {
        var context = FlowFixture.context(host: "web-\(id)", source: source)
        context.hostID = HostID(id)
        return context
    }

    /// A day later nothing is left of it but that it happened; a day before, nothing is in its way.
    private func signInOnce(_ fixture: FlowFixture, in context: SignInContext) async throws {
        fixture.clock.advance(by: .days(1))
        let (started, code) = try await fixture.start(in: context)
        #expect(try await fixture.verify(try #require(code), started, in: context) == "signed in")
        fixture.clock.advance(by: .days(1))
    }

    /// Types wrong codes until the failures of the account are used up.
    ///
    /// - Returns: how many were looked at.
    private func failures(
        _ fixture: FlowFixture, in context: SignInContext, as name: String = "alice"
    ) async throws -> Int {
        var count = 0
        while count < 40 {
            switch try await fixture.flow.initiate(.login(name), in: context) {
            case .limited(let wait, let limit):
                if limit == .failuresPerAccount { return count }
                // Mails wait for each other.
                fixture.clock.advance(by: wait)
            case .started(let started):
                for _ in 0..<started.live.attemptsLeft {
                    let said = try await fixture.verify("nonsense", started, in: context)
                    if said.hasPrefix("limited") { return count }
                    count += 1
                }
            case .refused, .confirmed: throw FlowFixture.Unexpected(what: "refused")
            }
        }
        return count
    }

    /// How many mails go out, a minute and a second apart, when each code is used up at once.
    private func mails(_ fixture: FlowFixture, in context: SignInContext) async throws -> Int {
        for count in 0..<9 {
            guard
                case .started(let started) = try await fixture.flow.initiate(
                    .login("alice"), in: context), started.mail != nil
            else { return count }
            for _ in 0..<3 { _ = try await fixture.verify("nonsense", started, in: context) }
            fixture.clock.advance(by: .seconds(61))
        }
        return 9
    }

    /// Whether a mail to a stranger, just now, keeps a mail back.
    private func isHeldUp(_ fixture: FlowFixture, in context: SignInContext) async throws -> Bool {
        fixture.clock.advance(by: .days(1))
        _ = try await fixture.start(in: stranger(200))
        switch try await fixture.flow.initiate(.login("alice"), in: context) {
        case .limited(_, .resendAfter): return true
        case .started(let started) where started.mail != nil: return false
        default: throw FlowFixture.Unexpected(what: "neither")
        }
    }

    @Test("is left whole by ten wrong codes of strangers")
    func lockedOut() async throws {
        let fixture = try fixture()
        try await signInOnce(fixture, in: home)
        var count = 0
        for number in 1...4 { count += try await failures(fixture, in: stranger(number)) }
        #expect(count == 10)
        #expect(try await failures(fixture, in: home) == 10)
        #expect(try await failures(fixture, in: console) == 10)
    }

    @Test("is ten for a known source alone, not twenty")
    func notTwice() async throws {
        let fixture = try fixture()
        try await signInOnce(fixture, in: home)
        #expect(try await failures(fixture, in: home) == 10)
        // What was used there, strangers cannot use.
        #expect(try await failures(fixture, in: stranger(1)) == 0)
        #expect(try await failures(fixture, in: console) == 10)
    }

    @Test("is ten for a console alone, whoever is meant", arguments: ["alice", "ghost"])
    func consoleAlone(name: String) async throws {
        #expect(try await failures(try fixture(), in: console, as: name) == 10)
    }

    @Test("lets the owner in after strangers have locked the account")
    func ownerComesIn() async throws {
        let fixture = try fixture()
        try await signInOnce(fixture, in: home)
        #expect(try await failures(fixture, in: stranger(1)) == 10)
        for context in [home, console] {
            let (started, code) = try await fixture.start(in: context)
            let said = try await fixture.verify(try #require(code), started, in: context)
            #expect(said == "signed in")
        }
    }

    @Test("of mails is three where strangers have used up the five")
    func mailsLeft() async throws {
        let fixture = try fixture { $0.failuresPerAccount = [Rate(1000, per: .days(1))] }
        try await signInOnce(fixture, in: home)
        #expect(try await mails(fixture, in: stranger(1)) == 5)
        #expect(try await mails(fixture, in: stranger(2)) == 0)
        #expect(try await mails(fixture, in: home) == 3)
        #expect(try await mails(fixture, in: console) == 3)
        fixture.clock.advance(by: .days(1))
        // Alone five, as ever.
        #expect(try await mails(fixture, in: home) == 5)
    }

    @Test("is not kept waiting by strangers' mails, nor by their live challenges")
    func gapAndRoom() async throws {
        let fixture = try fixture()
        try await signInOnce(fixture, in: home)
        for number in 1...3 {
            _ = try await fixture.start(in: stranger(number))
            if number < 3 { fixture.clock.advance(by: .seconds(61)) }
        }
        guard case .limited = try await fixture.flow.initiate(.login("alice"), in: stranger(4))
        else {
            Issue.record("a fourth challenge of strangers")
            return
        }
        for context in [home, console] {
            let (started, code) = try await fixture.start(in: context)
            #expect(!started.isResumed && code != nil)
        }
    }

    @Test("is the source's of that user alone")
    func ofOneUser() async throws {
        let fixture = try fixture()
        let bob = User(
            id: UserID("bob"), email: try #require(EmailAddress("bob@example.org")),
            login: LoginName("bob"), createdAt: fixture.clock.now)
        try fixture.store.addUser(bob, audit: FlowFixture.admin(.userAdded, fixture.clock.now))
        let (started, code) = try await fixture.start(.login("bob"), in: home)
        #expect(try await fixture.verify(try #require(code), started, in: home) == "signed in")
        #expect(try await isHeldUp(fixture, in: home))
        try await signInOnce(fixture, in: stranger(7))
        #expect(try await isHeldUp(fixture, in: home))
        #expect(try await !isHeldUp(fixture, in: stranger(7)))
    }

    /// Before strangers, who have nothing to do with either.
    @Test("does not show who is in the pool")
    func decoysAlike() async throws {
        func transcript(_ name: String) async throws -> [String] {
            let fixture = try fixture()
            try await signInOnce(fixture, in: home)
            var lines: [String] = []
            for turn in 0..<60 {
                let context = stranger(turn % 5)
                switch try await fixture.flow.initiate(.login(name), in: context) {
                case .limited(let wait, let limit):
                    lines.append("\(limit.rawValue) for \(wait.milliseconds)")
                    fixture.clock.advance(by: turn.isMultiple(of: 2) ? wait : .seconds(20))
                case .started(let started):
                    let life = (started.live.expiresAt - fixture.clock.now).milliseconds
                    lines.append("\(life) \(started.live.attemptsLeft) \(started.isResumed)")
                    let said = try await fixture.verify("nonsense", started, in: context)
                    lines.append(said)
                case .refused, .confirmed: lines.append("refused")
                }
            }
            return lines
        }
        let (alice, ghost) = (try await transcript("alice"), try await transcript("ghost"))
        #expect(alice == ghost)
        #expect(alice.contains { $0.hasPrefix("failures_per_account") })
        #expect(alice.contains { $0.hasPrefix("resend_after") })
    }

    /// Their reserve is a decoy's: none from anywhere, and that of the console.
    @Test("is a decoy's for a disabled user, and the store is asked as much")
    func disabled() async throws {
        let fixture = try fixture()
        try await signInOnce(fixture, in: home)
        var disabled = fixture.alice
        disabled.isEnabled = false
        _ = try fixture.store.updateUser(
            disabled, audit: FlowFixture.admin(.userChanged, fixture.clock.now))
        let store = HookedStore(fixture.store)
        let calls = Mutex<[String]>([])
        store.hook { (call) throws(StoreError) in calls.withLock { $0.append(call) } }
        let flow = Flow(
            store: store, tokens: fixture.tokens, clock: fixture.clock, random: SystemRandom(),
            keys: fixture.keys, policy: fixture.flow.policy)
        for (context, pot) in [(home, Pot.strangers), (console, .console)] {
            var asked: [[String]] = []
            for name in ["alice", "ghost"] {
                calls.withLock { $0 = [] }
                let account = try flow.account(named: .login(name), in: context)
                #expect(Pot(ofSubject: account.subject) == pot, "\(name)")
                asked.append(calls.withLock { $0 })
            }
            #expect(asked[0] == asked[1])
        }
    }

    @Test("on a host is for sources that signed in on that host")
    func hosts() async throws {
        let fixture = try fixture()
        let there = onHost("a", source: "192.0.2.7")
        #expect(try await isHeldUp(fixture, in: there))
        try await signInOnce(fixture, in: there)
        #expect(try await !isHeldUp(fixture, in: there))
        // Not from elsewhere, not on another host, and not here: it was the host's word.
        #expect(try await isHeldUp(fixture, in: onHost("a", source: "192.0.2.8")))
        #expect(try await isHeldUp(fixture, in: onHost("b", source: "192.0.2.7")))
        #expect(try await isHeldUp(fixture, in: home))
        // Nor is a host believed what was seen here.
        try await signInOnce(fixture, in: home)
        #expect(try await !isHeldUp(fixture, in: home))
        #expect(try await isHeldUp(fixture, in: onHost("b", source: "192.0.2.7")))
    }

    @Test("of a host's console begins when somebody has signed in there")
    func hostConsole() async throws {
        let fixture = try fixture()
        let there = onHost("a", source: "")
        #expect(try await isHeldUp(fixture, in: there))
        try await signInOnce(fixture, in: there)
        #expect(try await !isHeldUp(fixture, in: there))
        #expect(try await isHeldUp(fixture, in: onHost("b", source: "")))
        // Another credential, be it of the same name, is another host.
        var renewed = there
        renewed.hostID = HostID("a2")
        #expect(try await isHeldUp(fixture, in: renewed))
    }

    @Test("is nobody's who comes under a name instead of an address")
    func named() async throws {
        let fixture = try fixture()
        for context in [
            FlowFixture.context(source: "client.example.org"),
            onHost("a", source: "client.example.org"),
        ] {
            try await signInOnce(fixture, in: context)
            #expect(try await isHeldUp(fixture, in: context))
        }
    }

    @Test("is not made of a host's word about somebody else's source")
    func keys() {
        #expect(home.knownKey == "192.0.2.7" && home.sourceKey == "192.0.2.7")
        #expect(console.knownKey == nil && console.sourceKey == nil)
        let there = onHost("a", source: "192.0.2.7")
        #expect(there.knownKey == "host:a|192.0.2.7" && there.sourceKey == there.knownKey)
        #expect(onHost("a", source: "").knownKey == "host:a|console")
        let named = onHost("a", source: "x.example")
        // A stranger to everything that is kept for those who are none.
        #expect(named.knownKey == nil && named.sourceKey == "host:a|")
    }

    @Test("is no sign-up's")
    func signUp() async throws {
        let fixture = try fixture()
        try await signInOnce(fixture, in: home)
        var context = home
        context.act = .signUp
        let account = try fixture.flow.account(named: .login("alice"), in: context)
        #expect(Pot(ofSubject: account.subject) == .strangers)
        #expect(
            Pot(ofSubject: try fixture.flow.account(named: .login("alice"), in: home).subject)
                == .known)
    }
}
