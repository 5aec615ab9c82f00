/// The text of a mail, encoded: as it is where every mail system can carry it, otherwise
/// quoted-printable.
struct MailBody {
    let transferEncoding: String
    /// `utf-8` always: ASCII is part of it, and two charsets would be one more thing to differ.
    let charset = "utf-8"
    /// Lines ended by CRLF.
    let encoded: String

    /// What a line may be of a text that people may see as it is.
    static let readableLine = 76
    /// What any line may be (RFC 5322 §2.1.1).
    static let longestLine = 998

    /// - Parameter limit: how long a line may be that is left as it is.
    init(_ text: String, linesUpTo limit: Int = readableLine) {
        // As bytes: a mail's HTML is some kilobytes, and every login sends one.
        let text = Self.cleaned(text)
        let lines = text.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        ).dropLast()
        let isPlain = lines.allSatisfy { $0.count <= limit && Self.isPlain($0) }
        transferEncoding = isPlain ? "7bit" : "quoted-printable"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 5 / 4)
        for line in lines {
            if isPlain { bytes += line } else { QuotedPrintable.append(line, to: &bytes) }
            bytes.append(0x0d)
            bytes.append(0x0a)
        }
        encoded = String(decoding: bytes, as: UTF8.self)
    }

    /// Lines ended by LF alone, the last one too. CR, LF and CRLF all end a line: a CR left inside
    /// one is what SMTP smuggling is made of.
    private static func cleaned(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        if bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x0a || $0 == 0x09 }) {
            if let last = bytes.last, last != 0x0a { bytes.append(0x0a) }
            return bytes
        }
        bytes.removeAll(keepingCapacity: true)
        var lastWasCR = false
        for byte in text.utf8 {
            switch byte {
            case 0x0a where lastWasCR: break
            case 0x0a, 0x0d: bytes.append(0x0a)
            // No other control is text; a NUL ends the mail in some readers.
            case 0x00...0x08, 0x0b...0x1f, 0x7f: break
            default: bytes.append(byte)
            }
            lastWasCR = byte == 0x0d
        }
        if let last = bytes.last, last != 0x0a { bytes.append(0x0a) }
        return bytes
    }

    /// ASCII, without a space that gets lost at its end, and without what begins a boundary.
    private static func isPlain(_ line: ArraySlice<UInt8>) -> Bool {
        var last: UInt8 = 0
        for byte in line {
            // The latter is ``MailContent/boundaryMark``.
            if byte >= 0x80 || last == UInt8(ascii: "=") && byte == UInt8(ascii: "_") {
                return false
            }
            last = byte
        }
        return last != 0x20 && last != 0x09
    }
}
