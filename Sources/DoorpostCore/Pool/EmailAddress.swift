/// A mail address that is safe to hand to a mail server: `dot-atom@letters-digits-hyphens`.
///
/// Quoted local parts, comments, address literals, non-ASCII and everything else that mail
/// software has been fooled with is refused rather than interpreted. Equality is exact on
/// the lower-cased address: both halves are folded in ASCII only, so no Unicode rule can make
/// two addresses one.
package struct EmailAddress: Hashable, Sendable {
    /// The lower-cased address.
    package let canonical: String

    /// Checks and takes an address.
    ///
    /// Limits: RFC 5321 §4.5.3.1 (64 bytes before the `@`, 254 in all, 63 a label).
    ///
    /// - Returns: nil if the text is anything but one plain address.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 254, let at = bytes.firstIndex(of: UInt8(ascii: "@")),
            Self.isDotAtom(bytes[..<at]), Self.isDomain(bytes[(at + 1)...])
        else { return nil }
        canonical = String(decoding: bytes.map(Self.lowercased), as: UTF8.self)
    }

    /// The part before the `@`.
    package var local: Substring { canonical.prefix { $0 != "@" } }

    /// The part after the `@`.
    package var domain: Substring { canonical.dropFirst(local.count + 1) }

    /// The address without a `+tag`: the key under which mails are limited, since all tags of
    /// a mailbox fill the same mailbox. Never used to tell who somebody is.
    package var folded: String {
        let untagged = local.prefix { $0 != "+" }
        return untagged.isEmpty ? canonical : "\(untagged)@\(domain)"
    }

    private static func isDotAtom(_ part: ArraySlice<UInt8>) -> Bool {
        (1...64).contains(part.count)
            && part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomByte) }
    }

    private static func isDomain(_ part: ArraySlice<UInt8>) -> Bool {
        let labels = part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return part.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
                    && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            }
            // An all-digit last label is an address written in numbers (RFC 3696 §2).
            && !(labels.last?.allSatisfy { (0x30...0x39).contains($0) } ?? true)
    }

    private static func isAtomByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }
}

extension EmailAddress: CustomStringConvertible {
    package var description: String { canonical }
}

extension EmailAddress: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = Self(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a mail address"))
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(canonical)
    }
}
