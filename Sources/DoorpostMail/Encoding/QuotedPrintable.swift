/// RFC 2045 quoted-printable: text as lines of at most 76 ASCII bytes.
enum QuotedPrintable {
    private static let lineLimit = 76

    /// One line of text, without its end, as one or more lines joined by soft breaks.
    static func line(_ text: some Sequence<UInt8>) -> String {
        var result: [UInt8] = []
        append(Array(text)[...], to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    /// The same, added to what stands there.
    static func append(_ text: ArraySlice<UInt8>, to result: inout [UInt8]) {
        var length = 0
        for (index, byte) in zip(text.indices, text) {
            let isLast = index == text.endIndex - 1
            let isBare = isBare(byte, isLast: isLast)
            let size = isBare ? 1 : 3
            // A line that goes on needs a place for the "=" of its soft break.
            if length + size > (isLast ? lineLimit : lineLimit - 1) {
                result.append(UInt8(ascii: "="))
                result.append(0x0d)
                result.append(0x0a)
                length = 0
            }
            if isBare {
                result.append(byte)
            } else {
                result.append(UInt8(ascii: "="))
                result.append(digit(byte >> 4))
                result.append(digit(byte & 15))
            }
            length += size
        }
    }

    /// `=XX`.
    static func escape(_ byte: UInt8) -> String {
        String(decoding: [UInt8(ascii: "="), digit(byte >> 4), digit(byte & 15)], as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
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
