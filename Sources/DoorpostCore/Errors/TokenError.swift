/// Why a token could not be signed or was not accepted. Two errors are equal when their codes are.
package struct TokenError: Error, Sendable, Equatable {
    /// What kind of failure it is; more kinds may come.
    package struct Code: Hashable, Sendable {
        package let name: String
        private init(_ name: String) { self.name = name }

        /// A key file is missing, unreadable, readable by others, or not a key.
        package static let keysUnavailable = Self("keys_unavailable")
        /// Not a JWT, or one that names no key of ours, or whose signature does not fit.
        package static let invalid = Self("token_invalid")
        /// Past its `exp`.
        package static let expired = Self("token_expired")
        /// A token of ours, but of another issuer, audience or use.
        package static let wrongUse = Self("token_wrong_use")
    }

    package var code: Code
    /// For the administrator: what is wrong and what to do about it. Never any part of a token.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

extension TokenError: CustomStringConvertible {
    package var description: String { "\(code.name): \(detail)" }
}
