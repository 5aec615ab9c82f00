import DoorpostCore

/// Reads the blocks of a message/delivery-status part (RFC 3464 §2).
enum RecipientStatus {
    /// More recipients than any mail of ours has.
    private static let mostBlocks = 20

    static func read(_ body: ArraySlice<UInt8>) -> [BounceNotice.Recipient] {
        var recipients: [BounceNotice.Recipient] = []
        var rest = body
        while !rest.isEmpty, recipients.count < mostBlocks {
            if let recipient = recipient(HeaderFields(from: &rest)) { recipients.append(recipient) }
        }
        return recipients
    }

    /// Nil for the block about the whole mail, which comes first, and for what is no block.
    private static func recipient(_ fields: HeaderFields) -> BounceNotice.Recipient? {
        let word = (fields["action"] ?? "").lowercased().prefix { $0.isASCII && $0.isLetter }
        guard let action = BounceNotice.Action(rawValue: String(word)) else { return nil }
        let addresses = ["original-recipient", "final-recipient"]
            .compactMap { fields[$0].flatMap(address) }
        guard !addresses.isEmpty else { return nil }
        return .init(addresses: addresses, action: action, reason: reason(fields))
    }

    /// Of `rfc822; alice@example.org` the address.
    private static func address(_ value: String) -> EmailAddress? {
        var text = withoutType(value)
        if text.hasPrefix("<"), text.hasSuffix(">") { text = String(text.dropFirst().dropLast()) }
        return EmailAddress(text)
    }

    /// What the other server said, else its status, fit for a terminal.
    private static func reason(_ fields: HeaderFields) -> String {
        let said = HeaderText.cleaned(withoutType(fields["diagnostic-code"] ?? ""))
        let status = HeaderText.cleaned(fields["status"] ?? "")
        let text = !said.isEmpty ? said : status.isEmpty ? "no reason given" : "status \(status)"
        return VisibleText.escape(text, limit: 200)
    }

    /// The value without what kind of value it is: `smtp; 550 …`, `rfc822; …`.
    private static func withoutType(_ value: String) -> String {
        let type = value.prefix { $0 != ";" }
        let isType =
            type.count < value.count && !type.isEmpty
            && type.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        return isType ? String(value.dropFirst(type.count + 1)).trimmed : value
    }
}
