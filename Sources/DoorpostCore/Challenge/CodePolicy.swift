/// What codes look like and how long they live (`code:` in the configuration).
package struct CodePolicy: Hashable, Sendable {
    package var alphabet: CodeAlphabet
    /// Characters in a code.
    package var length: Int
    package var lifetime: Span
    /// Wrong answers that one challenge bears.
    package var attempts: Int
    /// The least time between two mails of one account's unconsumed challenges.
    package var resendAfter: Span

    /// Eight digits, five minutes, three tries (DESIGN.md, decision 7).
    package static let standard = Self(
        alphabet: .digits, length: 8, lifetime: .minutes(5), attempts: 3,
        resendAfter: .seconds(60))

    package init(
        alphabet: CodeAlphabet, length: Int, lifetime: Span, attempts: Int, resendAfter: Span
    ) {
        self.alphabet = alphabet
        self.length = length
        self.lifetime = lifetime
        self.attempts = attempts
        self.resendAfter = resendAfter
    }

    /// What its codes look like.
    package var shape: CodeShape { CodeShape(alphabet: alphabet, length: length) }
}

/// The characters that codes are made of.
package enum CodeAlphabet: String, Sendable, CaseIterable {
    case digits
    /// Twenty consonants: no vowels, so no words; no case, so nothing to mistype on a phone
    /// (RFC 8628 §6.1).
    case letters

    /// The characters, in ASCII.
    package var characters: [UInt8] {
        switch self {
        case .digits: Array("0123456789".utf8)
        case .letters: Array("BCDFGHJKLMNPQRSTVWXZ".utf8)
        }
    }
}
