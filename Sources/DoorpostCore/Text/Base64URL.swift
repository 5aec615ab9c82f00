package import FoundationEssentials

/// Base64url without padding, as RFC 7515 §2 wants it: one text for one value.
///
/// JWTKit's own decoder reads unsuitable text as empty and accepts padding and stray last bits, so
/// that a token could be spelled in several ways. What comes from outside goes through here first.
package enum Base64URL {
    /// Whether the byte is one of the 64 digits.
    package static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    /// The text of these bytes.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: digits(of: Array(bytes)), as: UTF8.self)
    }

    /// The text of these bytes, as ASCII.
    package static func digits(of bytes: [UInt8]) -> [UInt8] {
        var digits = Array(Data(bytes).base64EncodedData())
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        for index in digits.indices { digits[index] = toURLDigit(digits[index]) }
        return digits
    }

    /// - Returns: nil when the text is not exactly what ``encode(_:)`` gives for some bytes.
    package static func decode(_ text: some StringProtocol) -> Data? {
        guard text.utf8.allSatisfy(isDigit) else { return nil }
        var standard = Data(text.utf8.map(toStandardDigit))
        while standard.count % 4 != 0 { standard.append(UInt8(ascii: "=")) }
        guard let data = Data(base64Encoded: standard), encode(data) == text else { return nil }
        return data
    }

    /// As ``encode(_:)``, behind a letter: command lines (`aws … --session`) take a text that
    /// begins with a hyphen for an option.
    package static func encodeArgument(_ bytes: some Sequence<UInt8>) -> String {
        "s" + encode(bytes)
    }

    /// - Returns: nil when the text is not what ``encodeArgument(_:)`` gives for some bytes.
    package static func decodeArgument(_ text: String) -> Data? {
        text.utf8.first == UInt8(ascii: "s") ? decode(text.dropFirst()) : nil
    }

    private static func toURLDigit(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: byte
        }
    }

    private static func toStandardDigit(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "-"): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: byte
        }
    }
}
