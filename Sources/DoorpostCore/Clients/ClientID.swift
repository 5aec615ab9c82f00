/// The identity of an app client: 26 lower-case letters and digits, as Cognito's. Public.
package struct ClientID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }

    /// An id that nobody has yet.
    package static func draw(from random: any RandomSource) -> Self {
        Self(AlphanumericText.draw(26, from: random))
    }
}

/// What an app client with a secret proves itself by. A secret; its description is redacted.
package struct ClientSecret: Hashable, Sendable {
    /// The text, for the one who is told it, and for keyed hashes.
    package let text: String
    package init(_ text: String) { self.text = text }

    /// As long as Cognito's.
    static func draw(from random: any RandomSource) -> Self {
        Self(AlphanumericText.draw(51, from: random))
    }
}

extension ClientSecret: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "ClientSecret(redacted)" }
    package var debugDescription: String { description }
}

/// Random text of lower-case letters and digits.
enum AlphanumericText {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// Bytes that would make some letters likelier than others are thrown away.
    static func draw(_ length: Int, from random: any RandomSource) -> String {
        let fair = 256 - 256 % letters.count
        var text: [UInt8] = []
        while text.count < length {
            for byte in random.bytes(length) where text.count < length && Int(byte) < fair {
                text.append(letters[Int(byte) % letters.count])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
