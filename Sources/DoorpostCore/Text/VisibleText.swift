/// Makes text from outside harmless to look at.
package enum VisibleText {
    /// The text with everything but printable ASCII written as `\xNN`, so that no terminal, log
    /// viewer or mail reader is told anything by it; cut to `limit` bytes.
    package static func escape(_ text: String, limit: Int) -> String {
        var result = ""
        for byte in text.utf8 {
            let piece =
                (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\\")
                ? String(UnicodeScalar(byte))
                : "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            if result.utf8.count + piece.utf8.count > limit { break }
            result += piece
        }
        return result
    }
}
