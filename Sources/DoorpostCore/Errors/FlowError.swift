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
        /// A trigger refused, or did not answer; ``FlowError/trigger`` says which and how.
        package static let trigger = Self("trigger_failed")
        /// The central Doorpost cannot be reached, or did not answer.
        package static let center = Self("center_unavailable")
        /// The central Doorpost refuses this machine.
        package static let hostRefused = Self("host_refused")
        /// Something of our own went wrong.
        package static let `internal` = Self("internal")
    }

    package var code: Code
    /// For the administrator only.
    package var detail: String
    /// What the trigger did, if it is one's fault.
    package var trigger: TriggerError?

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

    /// - Parameter changes: of a trigger, by whose fault it is that tokens with them cannot be.
    init(_ error: TokenError, with changes: TokenChanges) {
        if error.code == .invalid, changes != .none {
            self.init(TriggerError(.preTokenGeneration, .badAnswer, error.detail))
        } else {
            self.init(error)
        }
    }

    init(_ error: TriggerError) {
        self.init(.trigger, "\(error)")
        trigger = error
    }
}

extension FlowError: CustomStringConvertible {
    package var description: String { "\(code.name): \(detail)" }
}
