/// The code that a mail carries, and for whom: what triggers that write or send mails are told.
package struct MailedCode: Hashable, Sendable, Codable {
    package enum Occasion: String, Hashable, Sendable, Codable {
        case signIn = "Authentication"
        case signUp = "SignUp"
        case resend = "ResendCode"
    }

    /// As the person reads it.
    package var text: String
    package var occasion: Occasion
    package var subject: TriggerSubject

    package init(text: String, occasion: Occasion, subject: TriggerSubject) {
        self.text = text
        self.occasion = occasion
        self.subject = subject
    }
}

extension MailedCode: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "MailedCode(redacted)" }
    package var debugDescription: String { description }
}
