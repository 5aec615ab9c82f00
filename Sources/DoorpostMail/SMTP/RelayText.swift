/// What a relay said, made fit for a log: one short line, and nothing of the mail in it.
enum RelayText {
    private static let limit = 200

    /// The text without controls, at most 200 characters long.
    ///
    /// - Parameter secret: text whose numbers and upper-case words are blanked out where the
    ///   relay repeats them: a relay that refuses a mail for its content may quote the code.
    static func clean(_ text: String, hiding secret: String) -> String {
        let clean = Array(HeaderText.cleaned(String(text.prefix(1024))))
        let hidden = words(secret).filter(isTelling).sorted { $0.count > $1.count }
        // The reply code itself tells nothing, even where the mail holds the same number.
        var result = String(clean.prefix(3))
        var rest = clean.dropFirst(3)
        while let first = rest.first {
            if let word = hidden.first(where: { rest.starts(with: $0) }) {
                result += "…"
                rest = rest.dropFirst(word.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(result.prefix(limit))
    }

    /// The text with every word that could be encoded credentials blanked out.
    static func withoutLongWords(_ text: String) -> String {
        text.split(separator: " ").map { $0.count >= 12 ? "…" : $0 }.joined(separator: " ")
    }

    /// Runs of letters and digits: a code that was grouped for the eye is hidden group by group.
    private static func words(_ text: String) -> [Substring] {
        text.split { !$0.isLetter && !$0.isNumber }
    }

    private static func isTelling(_ word: Substring) -> Bool {
        word.count >= 3 && (word.contains { $0.isNumber } || !word.contains { $0.isLowercase })
    }
}
