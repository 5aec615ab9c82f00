/// RFC 2047 encoded words: how a header carries what is not ASCII.
enum EncodedWords {
    private static let start = "=?utf-8?Q?"
    private static let end = "?="

    /// The text as one or more encoded words, a line each, none longer than 75 bytes.
    ///
    /// Q encoding, since it leaves Latin text legible in raw mails. A word never splits a
    /// character (RFC 2047 §5).
    static func fold(_ text: String, column: Int) -> String {
        var lines = ""
        var word = ""
        var room = HeaderText.lineLimit - column
        for scalar in text.unicodeScalars {
            let encoded = encode(scalar)
            if start.utf8.count + word.utf8.count + encoded.utf8.count + end.utf8.count > room {
                // The first line may have no room at all: then the first word starts the second.
                if !word.isEmpty { lines += start + word + end }
                lines += "\r\n "
                word = ""
                // One for the space at the line's start: 75 in all for the word.
                room = HeaderText.lineLimit - 1
            }
            word += encoded
        }
        return word.isEmpty ? lines : lines + start + word + end
    }

    private static func encode(_ scalar: Unicode.Scalar) -> String {
        if scalar == " " { return "_" }
        // RFC 2047 §5 (3): the only ASCII allowed bare in a display name.
        if scalar.isASCII, isBare(UInt8(truncatingIfNeeded: scalar.value)) { return String(scalar) }
        return String(scalar).utf8.reduce(into: "") { $0 += QuotedPrintable.escape($1) }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!*+-/".utf8.contains(byte)
        }
    }
}
