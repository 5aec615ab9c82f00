/// Why a mail was not taken. Two errors are equal when their codes are.
package struct MailError: Error, Sendable, Equatable {
    /// What kind of failure it is; more kinds may come.
    package struct Code: Hashable, Sendable {
        package let name: String
        private init(_ name: String) { self.name = name }

        /// Nobody answers at the relay's address, or its name cannot be resolved.
        package static let unreachable = Self("unreachable")
        /// The relay took longer than allowed.
        package static let timeout = Self("timeout")
        /// No TLS, an invalid certificate, or no STARTTLS where it is required.
        package static let tls = Self("tls")
        /// The relay refused our user name or password.
        package static let authentication = Self("authentication")
        /// The relay said 4xx: the same mail may be taken later.
        package static let temporary = Self("temporary")
        /// The relay said 5xx: the same mail will never be taken.
        package static let rejected = Self("rejected")
        /// The message or an address cannot be put on the wire safely.
        package static let invalidMessage = Self("invalid_message")
        /// The mailer itself is set up wrongly (missing CA or password file, no libcurl, …).
        package static let misconfigured = Self("misconfigured")
    }

    package var code: Code
    /// For the administrator: what happened, with the server's last answer, without control
    /// characters and without any part of the mail.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Whether the same mail may be taken later.
    package var isTemporary: Bool { code != .rejected && code != .invalidMessage }
}

extension MailError: CustomStringConvertible {
    package var description: String { "\(code.name): \(detail)" }
}
