import DoorpostCore

/// The words that ``TriggerPoint/customMessage`` puts around a code; nil keeps ours.
struct CustomMessage: Sendable {
    /// Stands where the code goes.
    static let codeMark = "{####}"
    /// AWS's limits, in characters.
    static let longestSubject = 140
    static let longestText = 20_000

    private var subject: String?
    /// HTML, or plain text, with the mark in it.
    private var text: String?

    /// - Throws: `Wrong`: the mail would lack the code, or show it in its subject, which programs
    ///   show on locked screens and which lies in the relay's log.
    init(_ response: TriggerResponse) throws(TriggerResponse.Wrong) {
        _ = try response.text("smsMessage")
        subject = try response.text("emailSubject")
        text = try response.text("emailMessage")
        if let subject {
            let isOneLine = subject.unicodeScalars.allSatisfy {
                switch $0.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator: false
                default: true
                }
            }
            guard isOneLine, (1...Self.longestSubject).contains(subject.unicodeScalars.count) else {
                throw .init(text: "response.emailSubject is not one line of 1 to 140 characters")
            }
            guard !subject.contains(Self.codeMark) else {
                throw .init(text: "response.emailSubject holds the code, which is for the text")
            }
        }
        if let text {
            guard text.contains(Self.codeMark) else {
                throw .init(text: "response.emailMessage lacks the code: write \(Self.codeMark)")
            }
            guard text.unicodeScalars.count <= Self.longestText else {
                throw .init(text: "response.emailMessage is longer than 20000 characters")
            }
        }
    }

    /// A mail in these words.
    ///
    /// Its plain text is made of the HTML, rather than left as ours: the two are the same mail for
    /// different readers, and must not say different things.
    func words(for message: MailMessage, code: String) -> MailMessage {
        var message = message
        if let subject { message.subject = subject }
        if let text {
            let html = Self.replaceMark(in: text, by: code)
            message.html = html
            let plain = PlainText.of(html)
            // A code that is only in a link's address is no code that a person can type.
            message.text = plain.contains(code) ? plain : "\(plain)\n\(code)\n"
        }
        return message
    }

    private static func replaceMark(in text: String, by code: String) -> String {
        var (result, rest) = ("", Substring(text))
        while let mark = rest.firstRange(of: codeMark) {
            result += rest[..<mark.lowerBound] + code
            rest = rest[mark.upperBound...]
        }
        return result + rest
    }
}
