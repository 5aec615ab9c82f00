/// RFC 2045 quoted-printable: text as lines of at most 76 ASCII bytes.
enum QuotedPrintable {
    private static let lineLimit = 76

    /// One line of text, without its end, as one or more lines joined by soft breaks.
    static func line(_ text: some Sequence<UInt8>) -> String {
        var result = ""
        var length = 0
        var bytes = Array(text)[...]
        while let byte = bytes.popFirst() {
            let isLast = bytes.isEmpty
            let token = isBare(byte, isLast: isLast) ? String(Unicode.Scalar(byte)) : escape(byte)
            // A line that goes on needs a place for the "=" of its soft break.
            if length + token.utf8.count > (isLast ? lineLimit : lineLimit - 1) {
                result += "=\r\n"
                length = 0
            }
            result += token
            length += token.utf8.count
        }
        return result
    }

    /// `=XX`.
    static func escape(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "=0\(digits)" : "=\(digits)"
    }

    /// White space at a line's end is lost on the way, so there it is escaped.
    private static func isBare(_ byte: UInt8, isLast: Bool) -> Bool {
        switch byte {
        case 0x20, 0x09: !isLast
        case UInt8(ascii: "="): false
        default: (0x21...0x7e).contains(byte)
        }
    }
}
