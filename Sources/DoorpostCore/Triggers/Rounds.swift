// The three decisions of a sign-in, as values: what comes next, what is asked, what is right.

/// A challenge of a sign-in that was answered.
package struct AnsweredRound: Hashable, Sendable, Codable {
    /// `challengeName`.
    package var name: String
    /// `challengeResult`.
    package var isRight: Bool
    /// `challengeMetadata`: what ``Triggers/create(_:name:rounds:)`` wants to be reminded of.
    package var metadata: String?

    package init(name: String, isRight: Bool, metadata: String? = nil) {
        self.name = name
        self.isRight = isRight
        self.metadata = metadata
    }

    /// What the mailed code, and most challenges of triggers, are called.
    package static let customChallenge = "CUSTOM_CHALLENGE"
}

/// What is to happen next in a sign-in.
package enum NextStep: Hashable, Sendable {
    /// A challenge of this name.
    case ask(String)
    case issueTokens
    case fail
}

/// A challenge that a trigger made.
package struct CreatedChallenge: Hashable, Sendable, Codable {
    /// For the person's program.
    package var publicParameters: [String: String]
    /// For whoever checks the answer. A secret.
    package var privateParameters: [String: String]
    package var metadata: String?

    package init(
        publicParameters: [String: String] = [:], privateParameters: [String: String] = [:],
        metadata: String? = nil
    ) {
        self.publicParameters = publicParameters
        self.privateParameters = privateParameters
        self.metadata = metadata
    }
}

extension CreatedChallenge: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "CreatedChallenge(redacted)" }
    package var debugDescription: String { description }
}
