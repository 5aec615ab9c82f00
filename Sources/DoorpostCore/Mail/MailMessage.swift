/// A mail as the flow composes it, before it is encoded for the wire.
///
/// It may hold a code: it lies nowhere (the outbox keeps ``CodeMail``, sealed), and its description is
/// redacted.
package struct MailMessage: Hashable, Sendable, Codable {
    /// The stored address of the user; in a sign-up, the checked one that somebody typed.
    package var to: EmailAddress
    /// The person's name for the `To` header, if the pool knows one. Any Unicode text.
    package var toName: String?
    /// The subject. Any Unicode text; it never holds the code.
    package var subject: String
    /// The plain text, lines ended by `\n`.
    package var text: String
    /// The same as an HTML document, for programs that prefer it.
    package var html: String?
    /// The part of `Message-ID` before the `@`: the same for every try to send this mail.
    package var messageID: String
    /// When the mail was composed, for the `Date` header: seconds since 1970.
    package var date: Int64
    /// What the mail is for, for triggers that write or send mails; nil for one without a code.
    package var code: MailedCode?

    package init(
        to: EmailAddress, toName: String?, subject: String, text: String, html: String? = nil,
        messageID: String, date: Int64, code: MailedCode? = nil
    ) {
        self.to = to
        self.toName = toName
        self.subject = subject
        self.text = text
        self.html = html
        self.messageID = messageID
        self.date = date
        self.code = code
    }
}

extension MailMessage: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "MailMessage(\(messageID), redacted)" }
    package var debugDescription: String { description }
}
