// What a host and its center say to each other (``HostPath``): flat JSON over HTTPS, one POST a
// question, the host's credential as bearer token. Times are milliseconds since 1970.
//
// A fault is an HTTP status; whatever may come of a sign-in is an answer with status 200, of the same
// members and lengths whoever is meant: the network between the two sees no difference.

/// Where a host asks what.
package enum HostPath {
    package static let initiate = "/host/initiate"
    package static let verify = "/host/verify"
    package static let account = "/host/account"
    package static let session = "/host/session"
    package static let endSession = "/host/end-session"
    package static let token = "/host/token"
}

/// Somebody wants to sign in to a host.
package struct HostInitiate: Codable, Sendable {
    /// What the host calls itself.
    package var host: String
    package var login: String
    package var service: String
    /// What the host was told of where somebody comes from.
    package var source: String
    package var tty: String

    package init(login: String, in context: SignInContext) {
        host = context.host
        self.login = login
        service = context.service
        source = context.source.text
        tty = context.tty
    }
}

/// Somebody at a host answers.
package struct HostVerify: Codable, Sendable {
    package var host: String
    /// ``HostInitiated/session``.
    package var session: String
    package var otp: String
    package var service: String
    package var source: String
    package var tty: String

    package init(
        _ answer: CodeAnswer, session: String, in context: SignInContext
    ) {
        host = context.host
        self.session = session
        otp = String(decoding: answer.typed, as: UTF8.self)
        service = context.service
        source = context.source.text
        tty = context.tty
    }
}

extension HostVerify: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "HostVerify(redacted)" }
    package var debugDescription: String { description }
}

/// Whether a Linux account of a host is enrolled.
package struct HostAccount: Codable, Sendable {
    package var host: String
    package var login: String

    package init(host: String, login: String) {
        self.host = host
        self.login = login
    }
}

/// A login session on a host: how it is, or that it ends.
package struct HostSession: Codable, Sendable {
    package var host: String
    /// A ``SessionID``.
    package var session: String
    /// Why it ends.
    package var reason: String?

    package init(host: String, session: SessionID, reason: String? = nil) {
        self.host = host
        self.session = session.text
        self.reason = reason
    }
}

/// The answer to ``HostAccount``.
package struct HostAccountAnswer: Codable, Sendable {
    /// `enabled`, `disabled` or `not_enrolled`.
    package var state: String

    package init(_ state: AccountState) { self.state = state.rawValue }

    /// Nil if this version does not know the word.
    package var accountState: AccountState? { AccountState(rawValue: state) }
}

/// The answer to ``HostPath/session``, and to ``HostPath/endSession``, as it is then.
package struct HostSessionAnswer: Codable, Sendable {
    package enum State: String, Sendable {
        case live
        case expired
        case revoked
        /// There is no such session of a login on this host.
        case unknown
    }

    package var state: String
    /// Since when it is revoked.
    package var revoked_at: Int64?

    package init(_ session: LoginSession?, at now: Timestamp) {
        let state: State =
            switch session {
            case nil: .unknown
            case let session? where session.revokedAt != nil: .revoked
            case let session?: session.isLive(at: now) ? .live : .expired
            }
        self.state = state.rawValue
        revoked_at = session?.revokedAt?.milliseconds
    }

    package var sessionState: State? { State(rawValue: state) }
}
