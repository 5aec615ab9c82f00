/// The text of a mail, encoded: as it is where every mail system can carry it, otherwise
/// quoted-printable.
struct MailBody {
    let transferEncoding: String
    /// `utf-8` always: ASCII is part of it, and two charsets would be one more thing to differ.
    let charset = "utf-8"
    /// Lines ended by CRLF.
    let encoded: String

    init(_ text: String) {
        let lines = Self.lines(text)
        if lines.allSatisfy(Self.isPlain) {
            transferEncoding = "7bit"
            encoded = lines.reduce(into: "") { $0 += String(decoding: $1, as: UTF8.self) + "\r\n" }
        } else {
            transferEncoding = "quoted-printable"
            encoded = lines.reduce(into: "") { $0 += QuotedPrintable.line($1) + "\r\n" }
        }
    }

    /// CR, LF and CRLF all end a line: a CR left inside one is what SMTP smuggling is made of.
    private static func lines(_ text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var lastWasCR = false
        for byte in text.utf8 {
            switch byte {
            case 0x0a where lastWasCR: break
            case 0x0a, 0x0d: lines.append([])
            // No other control is text; a NUL ends the mail in some readers.
            case 0x00...0x08, 0x0b...0x1f, 0x7f: break
            default: lines[lines.count - 1].append(byte)
            }
            lastWasCR = byte == 0x0d
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// ASCII, short enough to be read anywhere, without a space that gets lost at its end, and
    /// without what begins a boundary.
    private static func isPlain(_ line: [UInt8]) -> Bool {
        line.count <= 76 && line.last != 0x20 && line.last != 0x09
            && line.allSatisfy { $0 < 0x80 } && !line.contains(MailContent.boundaryMark.utf8)
    }
}
