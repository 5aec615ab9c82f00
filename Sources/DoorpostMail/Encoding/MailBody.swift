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
        let isPlain = lines.allSatisfy(Self.isPlain)
        transferEncoding = isPlain ? "7bit" : "quoted-printable"
        // As bytes: a mail's HTML is some kilobytes, and every login sends one.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 5 / 4)
        for line in lines {
            if isPlain { bytes += line } else { QuotedPrintable.append(line, to: &bytes) }
            bytes += [0x0d, 0x0a]
        }
        encoded = String(decoding: bytes, as: UTF8.self)
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
            && line.allSatisfy { $0 < 0x80 } && !mayHoldBoundary(line)
    }

    /// Whether ``MailContent/boundaryMark`` stands in the line.
    private static func mayHoldBoundary(_ line: [UInt8]) -> Bool {
        zip(line, line.dropFirst()).contains { $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "_") }
    }
}
