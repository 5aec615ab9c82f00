package import DoorpostCore

/// Whom the mails come from: `Example sign-in <login@example.org>`, or the address alone.
package struct MailSender: Hashable, Sendable {
    /// What mail programs show in place of the address. Any Unicode text; nil for none.
    package var name: String?
    /// The address: `From`, and the envelope sender unless there is a ``BounceAddress``.
    package var address: EmailAddress

    package init(name: String?, address: EmailAddress) {
        self.name = name
        self.address = address
    }

    /// Reads what `mail.from` of the configuration says.
    ///
    /// A name may stand in double quotes, which are taken off.
    ///
    /// - Throws: `MailError` (``MailError/Code/misconfigured``) that says what was expected.
    package init(parsing text: String) throws(MailError) {
        let text = text.trimmed
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            self.init(name: nil, address: try Self.address(text[...], in: text))
            return
        }
        let inside = text[text.index(after: open)...].dropLast()
        var name = String(text[..<open]).trimmed
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
            name = String(name.dropFirst().dropLast())
        }
        self.init(
            name: name.isEmpty ? nil : name, address: try Self.address(inside, in: text))
    }

    private static func address(
        _ part: Substring, in text: String
    ) throws(MailError) -> EmailAddress {
        guard let address = EmailAddress(String(part)) else {
            throw MailError(
                .misconfigured,
                "mail.from: \(text.debugDescription) is neither \"Name <user@example.org>\" "
                    + "nor \"user@example.org\"")
        }
        return address
    }
}

extension String {
    /// The text without white space at either end.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
