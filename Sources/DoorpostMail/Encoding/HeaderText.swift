/// Free text made fit for a header: nothing in it can end the header or forge another.
enum HeaderText {
    /// RFC 2047 §2: a line that holds an encoded word is at most this long.
    static let lineLimit = 76

    /// The text with every run of white space and controls made one space.
    ///
    /// Controls include what Unicode counts as line ends and as switches of writing direction:
    /// a name must not be able to draw itself over the address beside it.
    static func cleaned(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) { return text }
        var result = String.UnicodeScalarView()
        var gap = false
        for scalar in text.unicodeScalars {
            if isRemoved(scalar) {
                gap = !result.isEmpty
            } else {
                if gap { result.append(" ") }
                gap = false
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// The value of an unstructured header such as `Subject`.
    ///
    /// - Parameter column: how much of the line the header's name has taken.
    static func unstructured(_ text: String, column: Int) -> String {
        let text = cleaned(text)
        let fits = isASCII(text) && !text.contains("=?") && column + text.utf8.count <= lineLimit
        return fits ? text : EncodedWords.fold(text, column: column)
    }

    /// A display name before `<address>`: bare, quoted, or as encoded words. Nil if empty.
    static func displayName(_ name: String, column: Int) -> String? {
        let name = cleaned(name)
        guard !name.isEmpty else { return nil }
        guard isASCII(name), !name.contains("=?"), column + name.utf8.count + 2 <= lineLimit else {
            return EncodedWords.fold(name, column: column)
        }
        guard name.utf8.contains(where: { !isAtomOrSpace($0) }) else { return name }
        var quoted = "\""
        for scalar in name.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    private static func isAtomOrSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: " !#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }

    private static func isRemoved(_ scalar: Unicode.Scalar) -> Bool {
        // What the tables say of it, at a fraction of their cost.
        if (0x21...0x7e).contains(scalar.value) { return false }
        return switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate: true
        case .format: scalar.properties.isBidiControl || scalar.value == 0xfeff
        default: false
        }
    }
}
