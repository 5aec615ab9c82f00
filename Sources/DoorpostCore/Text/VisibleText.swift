/// Makes text from outside harmless to look at.
package enum VisibleText {
    /// The text with everything but printable ASCII written as `\xNN`, so that no terminal, log
    /// viewer or mail reader is told anything by it; cut to `limit` bytes.
    package static func escape(_ text: String, limit: Int) -> String {
        // Nearly always: log lines go through here.
        if text.utf8.count <= limit, text.utf8.allSatisfy(isVisible) { return text }
        var result = ""
        for byte in text.utf8 {
            let piece = isVisible(byte) ? String(UnicodeScalar(byte)) : "\\x" + Hex.text([byte])
            if result.utf8.count + piece.utf8.count > limit { break }
            result += piece
        }
        return result
    }

    private static func isVisible(_ byte: UInt8) -> Bool {
        (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\\")
    }
}
