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

    /// The text on one line, in whatever language, without characters that nobody sees or that
    /// change how others are shown (controls, directions); cut to `limit` characters.
    package static func line(_ text: String, limit: Int) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
                .unassigned:
                result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    private static func isVisible(_ byte: UInt8) -> Bool {
        (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\\")
    }
}
