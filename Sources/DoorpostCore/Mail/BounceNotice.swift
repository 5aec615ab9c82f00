/// What a delivery status notification (RFC 3464) says, before anybody has looked whether it is
/// about a mail of ours. Anybody can write one: believed is only what names a mail that was sent.
package struct BounceNotice: Hashable, Sendable {
    /// The mails that it may be about, the likeliest first.
    package var mails: [MailID]
    package var recipients: [Recipient]

    package init(mails: [MailID], recipients: [Recipient]) {
        self.mails = mails
        self.recipients = recipients
    }

    /// What became of the mail to one recipient.
    package struct Recipient: Hashable, Sendable {
        /// The address that it was sent to, and the one it had been passed on to, if known.
        package var addresses: [EmailAddress]
        package var action: Action
        /// What the other mail server said, in one line.
        package var reason: String

        package init(addresses: [EmailAddress], action: Action, reason: String) {
            self.addresses = addresses
            self.action = action
            self.reason = reason
        }
    }

    package enum Action: String, Sendable, CaseIterable {
        /// Given up for good, whatever the status: the other side has tried for as long as it does.
        case failed
        case delayed
        case delivered
        case relayed
        case expanded
    }
}
