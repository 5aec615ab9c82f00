package import DoorpostCore

/// Writes a mail as RFC 5322 wants it, CRLF after every line: the plain text alone, or with the
/// same as HTML (multipart/alternative) if the message has that.
///
/// The same bytes for the same message, whichever way it leaves, and again at every try.
package struct MessageEncoder: Sendable {
    /// Whom the mails come from.
    let from: MailSender

    package init(from: MailSender) {
        self.from = from
    }

    /// The whole mail: headers, an empty line, the text or both parts.
    ///
    /// In the result a CR stands only before an LF, and an LF only after a CR.
    ///
    /// - Throws: `MailError` (``MailError/Code/invalidMessage``): a Message-ID that is not one,
    ///   or a date that RFC 5322 cannot write.
    package func encode(_ message: MailMessage) throws(MailError) -> [UInt8] {
        guard Self.isMessageID(message.messageID) else {
            throw MailError(.invalidMessage, "the Message-ID holds other than letters, digits, .-_")
        }
        guard let date = InternetDate.text(message.date) else {
            throw MailError(.invalidMessage, "the date \(message.date) has no year of four digits")
        }
        let body = MailContent(message)
        let headers =
            [
                "Date: \(date)",
                mailbox("From", from.name, from.address),
                mailbox("To", message.toName, message.to),
                "Subject: \(HeaderText.unstructured(message.subject, column: 9))",
                "Message-ID: <\(message.messageID)@\(from.address.domain)>",
                // RFC 3834: no vacation notes and no other robots' answers, also in Exchange's words.
                "Auto-Submitted: auto-generated",
                "X-Auto-Response-Suppress: All",
                "MIME-Version: 1.0",
            ] + body.headers
        return Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + body.encoded).utf8)
    }

    private func mailbox(_ header: String, _ name: String?, _ address: EmailAddress) -> String {
        let start = "\(header): "
        guard let name, let shown = HeaderText.displayName(name, column: start.utf8.count) else {
            return start + address.canonical
        }
        let lastLine = (start + shown).utf8.split(separator: UInt8(ascii: "\n")).last?.count ?? 0
        // " <" and ">"
        let fits = lastLine + address.canonical.utf8.count + 3 <= HeaderText.lineLimit
        return "\(start)\(shown)\(fits ? "" : "\r\n") <\(address)>"
    }

    private static func isMessageID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .allSatisfy { part in
                    !part.isEmpty
                        && part.allSatisfy { byte in
                            switch byte {
                            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                            default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                            }
                        }
                }
    }
}
