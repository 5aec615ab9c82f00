import DoorpostTesting
import Foundation
import Testing

@testable import DoorpostCore

/// What a center says is what its hosts understand.
@Suite("Between a host and its center")
struct HostMessagesTests {
    private let noon = Samples.noon
    private let context = FlowFixture.context(host: "web1")

    private func overTheWire<Message: Codable>(_ message: Message) throws -> Message {
        try JSONDecoder().decode(Message.self, from: JSONEncoder().encode(message))
    }

    private func initiated(_ message: HostInitiated) throws -> InitiateOutcome {
        try #require(try overTheWire(message).initiateOutcome)
    }

    private func verified(_ outcome: VerifyOutcome) throws -> VerifyOutcome {
        let message = try #require(HostVerified(outcome))
        return try #require(try overTheWire(message).verifyOutcome(in: context))
    }

    @Test("a challenge comes over as it is", arguments: [true, false])
    func started(flag: Bool) async throws {
        let fixture = try FlowFixture()
        let handle = try fixture.flow.handle(
            of: ChallengeID("0123456789abcdef0123456789abcdef"), for: .login("alice"))
        let live = LiveChallenge(
            id: ChallengeID("not told"), mailedAt: noon, expiresAt: noon + .minutes(5),
            attemptsLeft: 3)
        let shape = CodeShape(alphabet: .letters, length: 9)
        let question = TriggerQuestion(name: "CUSTOM_CHALLENGE", parameters: ["secret": "x"])
        for (isResumed, isDecoy) in [(flag, !flag), (!flag, flag), (flag, flag)] {
            let message = HostInitiated(
                InitiateOutcome.Started(
                    live: live, shape: shape, isResumed: isResumed, isDecoy: isDecoy, mail: nil,
                    question: flag ? question : nil), session: handle)
            guard case .started(let started) = try initiated(message) else {
                Issue.record("\(message.outcome)")
                return
            }
            // The handle stands for the challenge: its id stays at the center.
            #expect(started.live.id.text == handle.text)
            #expect(started.live.mailedAt == live.mailedAt)
            #expect(started.live.expiresAt == live.expiresAt)
            #expect(started.live.attemptsLeft == 3)
            #expect(started.shape == shape)
            #expect(started.isResumed == isResumed && started.isDecoy == isDecoy)
            #expect(started.mail == nil)
            #expect((started.question != nil) == flag)
            let text = String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
            #expect(!text.contains("not told") && !text.contains("CUSTOM"))
        }
    }

    /// TLS hides bytes, not how many there are.
    @Test("an answer about a decoy is as long as one about a member")
    func lengths() async throws {
        let fixture = try FlowFixture()
        func length(_ name: String, _ source: String) async throws -> Int {
            let started = try await fixture.start(
                .login(name), in: FlowFixture.context(host: "web1", source: source)
            ).started
            let handle = try fixture.flow.handle(of: started.live.id, for: .login(name))
            return try JSONEncoder().encode(HostInitiated(started, session: handle)).count
        }
        let member = try await length("alice", "192.0.2.1")
        let decoy = try await length("ghost", "192.0.2.2")
        #expect(member == decoy)
    }

    @Test("a limit comes over, whichever", arguments: LimitName.allCases)
    func limited(name: LimitName) throws {
        let wait = Span(milliseconds: 61_234)
        guard
            case .limited(wait, name) = try initiated(
                HostInitiated(limited: name, retryAfter: wait)),
            case .limited(wait, name) = try verified(.limited(retryAfter: wait, limit: name))
        else {
            Issue.record("\(name)")
            return
        }
    }

    @Test("a refusal comes over")
    func refused() throws {
        guard case .refused = try initiated(.nobodyAsked) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("what comes of an answer comes over")
    func verified() throws {
        let question = TriggerQuestion(name: "n", parameters: ["question": "Which colour?"])
        let outcomes: [(VerifyOutcome, String)] = [
            (.wrong(attemptsLeft: 2), "wrong 2"), (.triesUsedUp, "used up"),
            (.asked(question, isRight: true, attemptsLeft: 2), "right, asked 2"),
            (.asked(question, isRight: false, attemptsLeft: 1), "wrong, asked 1"),
            (.expired, "expired"), (.used, "used"), (.unknownChallenge, "unknown"),
        ]
        for (outcome, expected) in outcomes {
            let said =
                switch try verified(outcome) {
                case .wrong(let left): "wrong \(left)"
                case .triesUsedUp: "used up"
                case .asked(_, let isRight, let left):
                    "\(isRight ? "right" : "wrong"), asked \(left)"
                case .expired: "expired"
                case .used: "used"
                case .unknownChallenge: "unknown"
                case .signedIn, .limited: "something else"
                }
            #expect(said == expected)
        }
    }

    private func signIn(_ credential: SignIn.Credential, login: String? = "alice") throws -> SignIn
    {
        var user = try FlowFixture().alice
        user.login = login.flatMap { LoginName($0) }
        var session = Samples.session("s1", of: user.id)
        session.host = "web1"
        return SignIn(user: user, session: session, credential: credential)
    }

    @Test("a sign-in comes over with its token, and is of the place that asked")
    func signedIn() throws {
        let original = try signIn(.sessionToken("a.b.c"))
        guard case .signedIn(let told) = try verified(.signedIn(original)),
            case .sessionToken(let token) = told.credential
        else {
            Issue.record("not signed in")
            return
        }
        #expect(token == "a.b.c")
        #expect(told.user.id == original.user.id && told.user.email == original.user.email)
        #expect(told.user.login == original.user.login)
        #expect(told.session.id == original.session.id)
        #expect(told.session.createdAt == original.session.createdAt)
        #expect(told.session.expiresAt == original.session.expiresAt)
        #expect(told.session.host == "web1" && told.session.service == "sshd")
    }

    @Test("a sign-in that is none of a Linux account is not told")
    func notPAM() throws {
        #expect(HostVerified(.signedIn(try signIn(.sessionToken("t"), login: nil))) == nil)
    }

    @Test("no message shows a secret when it is written into a log")
    func redacted() throws {
        let answer = try #require(HostVerified(.signedIn(try signIn(.sessionToken("a.b.c")))))
        let typed = HostVerify(CodeAnswer("12345678".utf8), session: "hhh", in: context)
        let token = HostToken(host: "web1", token: "a.b.c", audience: nil)
        for text in [
            "\(answer)", String(reflecting: answer), "\(typed)", String(reflecting: typed),
            "\(token)", String(reflecting: token),
        ] {
            #expect(!text.contains("a.b.c") && !text.contains("12345678") && !text.contains("hhh"))
        }
    }

    @Test(
        "what is not understood is no outcome at all",
        arguments: [
            #"{"outcome":"signed_in"}"#, #"{"outcome":"SIGNED_IN"}"#, #"{"outcome":""}"#,
            #"{"outcome":"limited"}"#, #"{"outcome":"limited","retry_after":1,"limit":"new"}"#,
            #"{"outcome":"started"}"#, #"{"outcome":"started","session":"s","attempts_left":3}"#,
            #"{"outcome":"success"}"#,
        ])
    func strange(json: String) throws {
        let bytes = Data(json.utf8)
        #expect(try JSONDecoder().decode(HostInitiated.self, from: bytes).initiateOutcome == nil)
        #expect(
            try JSONDecoder().decode(HostVerified.self, from: bytes).verifyOutcome(in: context)
                == nil)
    }

    @Test(
        "a sign-in with a name that no account has is none",
        arguments: [("not an address", "alice"), ("alice@example.org", "../alice")])
    func strangeNames(email: String, login: String) throws {
        let json = """
            {"outcome":"signed_in","signed_in":{"user":"u","email":"\(email)","login":"\(login)",
            "session":"s","created_at":1,"expires_at":2,"token":"t"}}
            """
        let message = try JSONDecoder().decode(HostVerified.self, from: Data(json.utf8))
        #expect(message.verifyOutcome(in: context) == nil)
    }

    @Test("the state of an account comes over", arguments: ["enabled", "disabled", "not_enrolled"])
    func accounts(word: String) throws {
        let state = try #require(AccountState(rawValue: word))
        #expect(try overTheWire(HostAccountAnswer(state)).accountState == state)
        let newer = try JSONDecoder().decode(
            HostAccountAnswer.self, from: Data(#"{"state":"locked"}"#.utf8))
        #expect(newer.accountState == nil)
    }

    @Test("the state of a session comes over")
    func sessions() throws {
        var session = Samples.session("s", of: UserID("u"))
        func state(_ session: LoginSession?, at now: Timestamp) throws -> HostSessionAnswer.State? {
            try overTheWire(HostSessionAnswer(session, at: now)).sessionState
        }
        #expect(try state(nil, at: noon) == .unknown)
        #expect(try state(session, at: noon) == .live)
        #expect(try state(session, at: session.expiresAt) == .expired)
        session.revokedAt = noon
        #expect(try state(session, at: noon) == .revoked)
        let answer = try overTheWire(HostSessionAnswer(session, at: noon))
        #expect(answer.revoked_at == noon.milliseconds)
    }

    @Test("what was found of a token comes over")
    func tokens() throws {
        let session = SessionClaims(
            user: "u", audience: "host:web1", session: "s", email: "a@b.example", login: "alice",
            host: "web1", service: "sshd", rhost: "192.0.2.7", tty: "ssh", issuedAt: 1,
            expiresAt: 2)
        let web = WebTokenClaims(
            user: "u", session: "s", tokenID: "t", groups: ["ops"], authenticatedAt: 1,
            issuedAt: 1, expiresAt: 2,
            identity: .init(audience: "x", email: "a@b.example", name: nil, login: "alice"))
        var access = web
        access.identity = nil
        for claims in [TokenClaims.session(session), .web(web), .web(access)] {
            let told = try overTheWire(HostTokenAnswer(claims, issuer: "https://a.example"))
            #expect(told.verdict == .good(claims, issuer: "https://a.example"))
        }
        #expect(try overTheWire(HostTokenAnswer(refusal: "no")).verdict == .refused("no"))
        let empty = try JSONDecoder().decode(HostTokenAnswer.self, from: Data("{}".utf8))
        #expect(empty.verdict == nil)
    }
}
