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

    package init(
        store: any Store, tokens: any TokenIssuer, clock: any Clock, random: any RandomSource,
        keys: FlowKeys, policy: FlowPolicy
    ) {
        self.store = store
        self.tokens = tokens
        self.clock = clock
        self.random = random
        self.keys = keys
        self.policy = policy
    }

    /// 32 hexadecimal digits that nobody can guess.
    func randomID() -> String {
        random.bytes(16).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}

/// The rules of a flow that the administrator chooses.
package struct FlowPolicy: Hashable, Sendable {
    package var code: CodePolicy
    package var limits: LimitPolicy
    /// How long a login session made by a sign-in lives.
    package var sessionLifetime: Span

    package init(
        code: CodePolicy = .standard, limits: LimitPolicy = .standard,
        sessionLifetime: Span = .hours(12)
    ) {
        self.code = code
        self.limits = limits
        self.sessionLifetime = sessionLifetime
    }
}

/// A fault that kept the flow from answering. What is expected to happen (a wrong code, a used
/// up limit) is an outcome, not an error.
package struct FlowError: Error, Sendable, Equatable {
    /// By whose fault; more may come.
    package struct Code: Hashable, Sendable {
        package let name: String
        private init(_ name: String) { self.name = name }

        /// The store is busy, unreachable, full, damaged or of another version.
        package static let store = Self("store_unavailable")
        /// No usable signing key.
        package static let tokens = Self("tokens_unavailable")
        /// Something of our own went wrong.
        package static let `internal` = Self("internal")
    }

    package var code: Code
    /// For the administrator only.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    init(_ error: StoreError) {
        self.init(.store, "store: \(error)")
    }

    init(_ error: TokenError) {
        self.init(.tokens, "tokens: \(error)")
    }
}

extension FlowError: CustomStringConvertible {
    package var description: String { "\(code.name): \(detail)" }
}
