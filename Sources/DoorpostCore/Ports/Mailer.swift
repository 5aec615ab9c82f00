/// Hands a mail to whoever carries it on: a relay over SMTP, or a directory of files.
///
/// Both calls block, up to the time-outs that the mailer was made with.
package protocol Mailer: Sendable {
    /// Hands over one mail and returns what the other side said, in one line for the
    /// administrator.
    ///
    /// - Throws: ``MailError``: the mail was not taken.
    func deliver(_ message: MailMessage) throws(MailError) -> MailReceipt

    /// Does all that ``deliver(_:)`` does short of naming a recipient: connects, secures the
    /// connection, signs in. The flow does this for an unknown user, so that a relay that is
    /// down shows in the same way, and after the same time, as for a known one.
    func probe() throws(MailError)

    /// Does beforehand what takes time and needs no mail, such as loading libraries. What goes
    /// wrong shows at the delivery.
    func prepare()
}

extension Mailer {
    package func prepare() {}
}

/// What the carrier said when it took a mail.
package struct MailReceipt: Hashable, Sendable {
    /// The last line of the carrier's answer, without control characters, for `mail queue`.
    package var answer: String

    package init(answer: String) {
        self.answer = answer
    }
}
