package import DoorpostCore

/// Durations as the configuration writes them: `30s`, `5m`, `12h`, `30d`.
package enum SpanText {
    private static let units: [(letter: Character, seconds: Int64)] = [
        ("d", 86400), ("h", 3600), ("m", 60), ("s", 1),
    ]

    /// Reads a duration.
    ///
    /// - Returns: nil unless the text is a whole number of one unit.
    package static func read(_ text: String) -> Span? {
        guard let letter = text.last, let unit = units.first(where: { $0.letter == letter }),
            let count = CountText.read(text.dropLast())
        else { return nil }
        return .seconds(Int64(count) * unit.seconds)
    }

    /// Writes a duration in the largest unit that needs no fraction.
    package static func write(_ span: Span) -> String {
        let seconds = span.milliseconds / 1000
        guard seconds > 0, let unit = units.first(where: { seconds % $0.seconds == 0 }) else {
            return "\(seconds)s"
        }
        return "\(seconds / unit.seconds)\(unit.letter)"
    }

    static func parse(_ text: String) throws(ValueError) -> Span {
        guard let span = read(text) else {
            throw ValueError("is not a duration (write 30s, 5m, 12h or 30d)")
        }
        return span
    }
}

/// Plain decimal numbers: no sign, no point, nothing that YAML might take for octal.
enum CountText {
    static func read(_ text: some StringProtocol) -> Int? {
        guard (1...9).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    static func parse(_ text: String) throws(ValueError) -> Int {
        guard let count = read(text) else { throw ValueError("is not a whole number") }
        return count
    }
}
