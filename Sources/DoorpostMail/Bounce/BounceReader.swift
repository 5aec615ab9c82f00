package import DoorpostCore

/// Reads delivery status notifications (RFC 3464 in a multipart/report). What comes in other forms,
/// such as qmail's QSBMF or prose, is not understood.
package enum BounceReader {
    /// Multiparts in one another; a report is two deep, three where a gateway has wrapped it.
    private static let deepest = 8
    private static let mostMails = 4

    /// - Parameters:
    ///   - mail: the notification with its headers.
    ///   - recipients: whom it was delivered to, as the mail server says beside the mail.
    /// - Returns: nil if it is no delivery status notification.
    package static func read(_ mail: [UInt8], deliveredTo recipients: [String]) -> BounceNotice? {
        let top = MailPart(mail[...])
        var found = Found()
        visit(top, depth: 1, &found)
        guard !found.recipients.isEmpty else { return nil }
        let receivers =
            recipients
            + ["x-original-to", "delivered-to", "to"].flatMap { top.fields.all($0) }
        var mails: [MailID] = []
        for id in receivers.flatMap(tags) + found.returned where !mails.contains(id) {
            mails.append(id)
        }
        return BounceNotice(
            mails: Array(mails.prefix(mostMails)), recipients: found.recipients)
    }

    private struct Found {
        var recipients: [BounceNotice.Recipient] = []
        var returned: [MailID] = []
    }

    /// Does not look into a returned mail: a report inside of that is somebody else's.
    private static func visit(_ part: MailPart, depth: Int, _ found: inout Found) {
        switch part.type {
        case "message/delivery-status", "message/global-delivery-status":
            if found.recipients.isEmpty { found.recipients = RecipientStatus.read(part.body) }
        case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers":
            if let id = MailPart(part.body).fields["message-id"].flatMap(messageID) {
                found.returned.append(id)
            }
        case _ where depth <= deepest:
            for inner in part.parts { visit(inner, depth: depth + 1, &found) }
        default: break
        }
    }

    /// The ids of mails that stand as tags in addresses: `bounces+MAILID@example.org`.
    private static func tags(in text: String) -> [MailID] {
        text.split(separator: "+", omittingEmptySubsequences: false).dropFirst().compactMap {
            rest in
            rest.dropFirst(idLength).first == "@" ? id(rest.prefix(idLength)) : nil
        }
    }

    /// `<MAILID@example.org>`.
    private static func messageID(_ value: String) -> MailID? {
        guard value.hasPrefix("<") else { return nil }
        return id(value.dropFirst().prefix { $0 != "@" })
    }

    private static let idLength = 32

    private static func id(_ text: Substring) -> MailID? {
        let text = text.lowercased()
        let isID =
            text.utf8.count == idLength
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isID ? MailID(text) : nil
    }
}
