import DoorpostCore
import DoorpostTesting
import Testing

/// A flow over a store in memory, with time and randomness in the test's hand.
struct FlowFixture {
    let store = MemoryStore()
    let tokens = PlainTokens()
    let clock = ManualClock()
    let keys: FlowKeys
    let flow: Flow
    let alice: User

    init(policy: FlowPolicy = FlowPolicy(), triggers: ScriptedTriggers? = nil) throws {
        keys = try #require(FlowKeys(secret: [UInt8](repeating: 7, count: 32)))
        flow = Flow(
            store: store, tokens: tokens, clock: clock, random: SystemRandom(), keys: keys,
            policy: policy, triggers: triggers)
        alice = User(
            id: UserID("11111111-1111-4111-8111-111111111111"),
            email: try #require(EmailAddress("alice@example.org")), login: LoginName("alice"),
            name: "Alice", createdAt: clock.now)
        try store.addUser(alice, audit: Self.admin(.userAdded, clock.now))
    }

    static func admin(_ kind: AuditEvent.Kind, _ now: Timestamp) -> AuditEvent {
        AuditEvent(at: now, kind: kind, user: nil, door: "admin")
    }

    static func context(
        service: String = "sshd", host: String = "h1", source: String = "192.0.2.7"
    ) -> SignInContext {
        SignInContext(
            door: .pam, service: service, host: host, source: Source(source), tty: "ssh")
    }

    /// Starts a sign-in and returns the challenge with the code that was mailed.
    func start(
        _ who: SignInName = .login("alice"), in context: SignInContext = Self.context()
    ) async throws -> (started: InitiateOutcome.Started, code: String?) {
        guard case .started(let started) = try await flow.initiate(who, in: context) else {
            throw Unexpected(what: "the sign-in was limited")
        }
        return (started, started.mail.flatMap { Self.code(in: $0.message) })
    }

    static func code(in message: MailMessage) -> String? {
        message.text.split(separator: "\n").first { $0.hasPrefix("    ") }
            .map { String($0.drop { $0 == " " }) }
    }

    func verify(
        _ typed: String, _ started: InitiateOutcome.Started,
        in context: SignInContext = Self.context()
    ) async throws -> String {
        let outcome = try await flow.verify(
            CodeAnswer(typed.utf8), challenge: started.live.id, in: context)
        return switch outcome {
        case .signedIn: "signed in"
        case .wrong(let left): "wrong, \(left) left"
        case .asked(let question, let isRight, let left):
            "asked \(question.parameters["question"] ?? question.name) after a "
                + "\(isRight ? "right" : "wrong") answer, \(left) left"
        case .triesUsedUp: "tries used up"
        case .expired: "expired"
        case .used: "used"
        case .unknownChallenge: "unknown"
        case .limited(_, let limit): "limited by \(limit.rawValue)"
        }
    }

    /// A code of the right shape that is not `code`.
    static func wrong(_ code: String?) -> String {
        code == "00000000" ? "00000001" : "00000000"
    }

    struct Unexpected: Error {
        var what: String
    }
}
