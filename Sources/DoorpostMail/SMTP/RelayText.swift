/// What a relay said, made fit for a log: one short line, and nothing of the mail in it.
enum RelayText {
    private static let limit = 200

    /// The text without controls, at most 200 characters long.
    ///
    /// - Parameter secret: text whose numbers and upper-case words are blanked out where the
    ///   relay repeats them: a relay that refuses a mail for its content may quote the code.
    static func clean(_ text: String, hiding secret: String) -> String {
        let clean = Array(HeaderText.cleaned(String(text.prefix(1024))).unicodeScalars)
        let hidden = telling(secret).sorted { $0.count > $1.count }
        var result = String.UnicodeScalarView()
        // The reply code itself tells nothing, even where the mail holds the same number.
        result.append(contentsOf: clean.prefix(3))
        var rest = clean.dropFirst(3)
        while let first = rest.first {
            if let word = hidden.first(where: { rest.starts(with: $0) }) {
                result.append("…")
                rest = rest.dropFirst(word.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(String(result).prefix(limit))
    }

    /// The text with every word that could be encoded credentials blanked out.
    static func withoutLongWords(_ text: String) -> String {
        text.split(separator: " ").map { $0.count >= 12 ? "…" : $0 }.joined(separator: " ")
    }

    /// The runs of letters and digits that could be a code: one that was grouped for the eye is
    /// hidden group by group.
    private static func telling(_ text: String) -> [[Unicode.Scalar]] {
        text.unicodeScalars.split { !isLetter($0) && !isDigit($0) }
            .filter {
                $0.count >= 3 && ($0.contains(where: isDigit) || !$0.contains(where: isLower))
            }
            .map(Array.init)
    }

    // ASCII first: each mail's whole text goes through here, and the tables of Unicode are slow.

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return scalar.properties.isAlphabetic }
        return (0x61...0x7a).contains(scalar.value | 0x20)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return scalar.properties.numericType != nil }
        return (0x30...0x39).contains(scalar.value)
    }

    private static func isLower(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return scalar.properties.isLowercase }
        return (0x61...0x7a).contains(scalar.value)
    }
}
