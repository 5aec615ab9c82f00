import DoorpostCore

/// What a mail says: its text, or its text and the same as HTML, the last of which programs show
/// that can (RFC 2046 §5.1.4).
struct MailContent {
    /// How a boundary begins (RFC 2045 §6.7): quoted-printable writes `=` as `=3D`, and what holds
    /// this is never left as it is, so it stands in no part.
    static let boundaryMark = "=_"

    /// The headers that say what ``encoded`` is.
    let headers: [String]
    /// Lines ended by CRLF.
    let encoded: String

    init(_ message: MailMessage) {
        let text = MailBody(message.text)
        guard let html = message.html else {
            headers = Self.headers("plain", text)
            encoded = text.encoded
            return
        }
        // Of the Message-ID, so that the mail has the same bytes at every try; at most 70 long.
        let boundary = Self.boundaryMark + message.messageID.prefix(60)
        headers = ["Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\""]
        let parts = [("plain", text), ("html", MailBody(html, linesUpTo: MailBody.longestLine))].map
        { subtype, body in
            let head = Self.headers(subtype, body).joined(separator: "\r\n")
            return "--\(boundary)\r\n\(head)\r\n\r\n\(body.encoded)\r\n"
        }
        encoded = parts.joined() + "--\(boundary)--\r\n"
    }

    private static func headers(_ subtype: String, _ body: MailBody) -> [String] {
        [
            "Content-Type: text/\(subtype); charset=\(body.charset)",
            "Content-Transfer-Encoding: \(body.transferEncoding)",
        ]
    }
}
