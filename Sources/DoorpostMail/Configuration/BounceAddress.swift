package import DoorpostCore

/// Where mails that come back go (VERP): each mail has a sender address of its own,
/// `local+MAILID@domain`, so that whatever comes back says which mail it was.
package struct BounceAddress: Hashable, Sendable {
    /// The address without a tag.
    package let address: EmailAddress

    /// Reads what `mail.bounces` of the configuration says.
    ///
    /// - Throws: `MailError` (``MailError/Code/misconfigured``) that says what was expected.
    package init(parsing text: String) throws(MailError) {
        guard let address = EmailAddress(text) else {
            throw Self.wrong(text, "is not a plain user@example.org")
        }
        guard !address.local.contains("+") else {
            throw Self.wrong(text, "must have no + of its own: each mail's id goes behind one")
        }
        self.address = address
        // The ids of mails are 32 digits long.
        guard EmailAddress(sender(of: String(repeating: "0", count: 32))) != nil else {
            throw Self.wrong(text, "is too long: with +MAILID, 31 bytes before the @, 221 in all")
        }
    }

    /// The sender of one mail.
    func sender(of id: String) -> String { "\(address.local)+\(id)@\(address.domain)" }

    private static func wrong(_ text: String, _ what: String) -> MailError {
        MailError(.misconfigured, "mail.bounces: \(text.debugDescription) \(what)")
    }
}
