/// The key of a mail in the outbox: its Message-ID before the `@`.
package struct MailID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }

    /// How the audit trail names the mail of a challenge that started.
    package var auditDetail: String { "mail \(text)" }
}

/// A mail that stands in the outbox, sealed.
package struct OutboxItem: Hashable, Sendable {
    /// Where the mail is on its way.
    package enum State: String, Sendable, CaseIterable {
        /// Not yet taken by the relay; tried again while the code lives.
        case queued
        /// Taken by the relay.
        case sent
        /// Refused for good.
        case failed
    }

    package var id: MailID
    package var challenge: ChallengeID
    /// The user the mail is for.
    package var user: UserID
    /// What the mail says (``CodeMail``), sealed with a key that is not in the store.
    package var sealed: [UInt8]
    package var state: State
    package var createdAt: Timestamp
    /// When the code in it dies, and with it the mail.
    package var expiresAt: Timestamp
    /// Until when whoever delivers it has it to itself.
    package var claimedUntil: Timestamp?
    /// How often it was handed to a relay.
    package var tries: Int
    package var lastTryAt: Timestamp?
    /// What the relay said last, for the administrator.
    package var lastAnswer: String
    /// When a courier tries again; nil is at once.
    package var retryAt: Timestamp?

    /// Longer than any delivery takes: its time-outs are shorter.
    package static let claimLength = Span.seconds(30)

    package init(
        id: MailID, challenge: ChallengeID, user: UserID, sealed: [UInt8], state: State = .queued,
        createdAt: Timestamp, expiresAt: Timestamp, claimedUntil: Timestamp? = nil, tries: Int = 0,
        lastTryAt: Timestamp? = nil, lastAnswer: String = "", retryAt: Timestamp? = nil
    ) {
        self.id = id
        self.challenge = challenge
        self.user = user
        self.sealed = sealed
        self.state = state
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.claimedUntil = claimedUntil
        self.tries = tries
        self.lastTryAt = lastTryAt
        self.lastAnswer = lastAnswer
        self.retryAt = retryAt
    }
}

/// The state of the outbox in numbers.
package struct MailStatistics: Hashable, Sendable {
    package var queued: Int
    package var failed: Int
    /// When the mail that has waited longest was queued.
    package var oldestQueuedAt: Timestamp?
    /// Users whose mail bounced.
    package var bouncedAddresses: Int

    package init(queued: Int, failed: Int, oldestQueuedAt: Timestamp?, bouncedAddresses: Int) {
        self.queued = queued
        self.failed = failed
        self.oldestQueuedAt = oldestQueuedAt
        self.bouncedAddresses = bouncedAddresses
    }
}
