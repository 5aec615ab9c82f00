/// A mail that stands in the outbox and should be handed over now.
package struct PendingMail: Hashable, Sendable {
    package var id: MailID
    package var message: MailMessage
    /// How often it was handed to a relay before.
    package var tries: Int
    package var createdAt: Timestamp
    /// Until when the caller has it to itself.
    package var claimedUntil: Timestamp

    package init(
        id: MailID, message: MailMessage, tries: Int = 0,
        createdAt: Timestamp = Timestamp(milliseconds: 0),
        claimedUntil: Timestamp = Timestamp(milliseconds: .max)
    ) {
        self.id = id
        self.message = message
        self.tries = tries
        self.createdAt = createdAt
        self.claimedUntil = claimedUntil
    }

    init(_ item: OutboxItem, message: MailMessage) {
        self.init(
            id: item.id, message: message, tries: item.tries, createdAt: item.createdAt,
            claimedUntil: item.claimedUntil ?? item.createdAt)
    }
}
