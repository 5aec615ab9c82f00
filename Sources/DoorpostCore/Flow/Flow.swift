/// The one way in: initiate, verify, resend.
///
/// Every door calls these three and decides nothing about codes itself. A flow is a value that
/// holds its ports and policies; all state is in the store, so any process may finish what
/// another began.
package struct Flow: Sendable {
    package let store: any Store
    package let tokens: any TokenIssuer
    package let clock: any Clock
    package let random: any RandomSource
    package let keys: FlowKeys
    package let policy: FlowPolicy
    /// Nil where no trigger is set.
    package let triggers: (any Triggers)?

    package init(
        store: any Store, tokens: any TokenIssuer, clock: any Clock, random: any RandomSource,
        keys: FlowKeys, policy: FlowPolicy, triggers: (any Triggers)? = nil
    ) {
        self.store = store
        self.tokens = tokens
        self.clock = clock
        self.random = random
        self.keys = keys
        self.policy = policy
        self.triggers = triggers
    }

    /// 32 hexadecimal digits that nobody can guess.
    func randomID() -> String {
        Hex.text(random.bytes(16))
    }

    /// What a new user is called.
    package func drawUserID() -> UserID { UserID(randomUUID()) }

    /// A random UUID (RFC 9562, version 4) in lower case: what users are called.
    func randomUUID() -> String { Self.uuid(random.bytes(16)) }

    /// - Parameter bytes: 16.
    static func uuid(_ bytes: [UInt8]) -> String {
        var bytes = bytes
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hex.text(bytes[$0]) }
            .joined(separator: "-")
    }
}

/// The rules of a flow that the administrator chooses.
package struct FlowPolicy: Hashable, Sendable {
    package var code: CodePolicy
    package var limits: LimitPolicy
    /// How long a login session made by a sign-in through PAM lives.
    package var sessionLifetime: Span
    package var web: WebPolicy
    package var signup: SignupPolicy

    package init(
        code: CodePolicy = .standard, limits: LimitPolicy = .standard,
        sessionLifetime: Span = .hours(12), web: WebPolicy = .standard,
        signup: SignupPolicy = .closed
    ) {
        self.code = code
        self.limits = limits
        self.sessionLifetime = sessionLifetime
        self.web = web
        self.signup = signup
    }
}

/// What web sessions are made of (`tokens:` in the configuration).
package struct WebPolicy: Hashable, Sendable {
    /// `aud` of id tokens where no client is named.
    package var audience: String
    package var idLifetime: Span
    package var accessLifetime: Span
    /// How long a sign-in lasts, however often it is refreshed.
    package var refreshLifetime: Span
    package var refreshGrace: Span

    /// The defaults of CONTRACT.md §4.
    package static let standard = Self(
        audience: "doorpost", idLifetime: .minutes(60), accessLifetime: .minutes(60),
        refreshLifetime: .days(30), refreshGrace: .seconds(30))

    package init(
        audience: String, idLifetime: Span, accessLifetime: Span, refreshLifetime: Span,
        refreshGrace: Span
    ) {
        self.audience = audience
        self.idLifetime = idLifetime
        self.accessLifetime = accessLifetime
        self.refreshLifetime = refreshLifetime
        self.refreshGrace = refreshGrace
    }
}

/// Whom a web sign-in may add to the pool (`signup:`). PAM never adds anybody.
package enum SignupPolicy: Hashable, Sendable {
    case closed
    case open
    /// Addresses of these domains, in lower case.
    case domains([String])

    /// Whether somebody with this address may become a user.
    func allows(_ address: EmailAddress) -> Bool {
        switch self {
        case .closed: false
        case .open: true
        case .domains(let domains):
            domains.contains { $0.utf8.elementsEqual(address.domain.utf8) }
        }
    }
}
