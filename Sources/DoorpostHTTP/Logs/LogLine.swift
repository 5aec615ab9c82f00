import DoorpostCore

/// One line of the log. Whatever is in it, it stays one line of printable ASCII: strangers write
/// into logs, and terminals and log viewers obey what they read.
struct LogLine {
    var time: Timestamp
    var level: String
    var message: String
    /// In the order in which they are written.
    var values: [(key: String, value: String)]

    /// What of one value is kept.
    static let limit = 2000

    func bytes(_ format: LogFormat) -> [UInt8] {
        switch format {
        case .text: Array(text.utf8)
        case .json: Array(json.utf8)
        }
    }

    private var text: String {
        let pairs = values.map {
            " \(VisibleText.escape($0.key, limit: 100))=\(Self.word($0.value))"
        }
        let message = VisibleText.escape(message, limit: Self.limit)
        return "\(UTCTime(time).isoText) \(level) \(message)\(pairs.joined())\n"
    }

    /// Quoted where it would not be one word. A backslash is escaped already.
    private static func word(_ value: String) -> String {
        let visible = VisibleText.escape(value, limit: limit)
        let isWord = !visible.isEmpty && !visible.utf8.contains(where: breaksWord)
        return isWord ? visible : "\"\(visible.replacing("\"", with: #"\""#))\""
    }

    private static func breaksWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "\"")
    }

    private var json: String {
        let fixed = [
            ("time", UTCTime(time).isoText), ("level", level), ("message", message),
        ]
        let taken = Set(fixed.map(\.0))
        let members =
            fixed + values.map { (taken.contains($0.key) ? "\($0.key)_" : $0.key, $0.value) }
        let pairs = members.map { "\(Self.string($0.0)):\(Self.string($0.1))" }
        return "{\(pairs.joined(separator: ","))}\n"
    }

    private static func string(_ value: String) -> String {
        var result = "\""
        // Cut between characters: half of one is no JSON.
        for unit in String(value.unicodeScalars.prefix(limit)).utf16 {
            switch unit {
            case 0x22: result += #"\""#
            case 0x5c: result += #"\\"#
            case 0x20...0x7e: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                result += #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result + "\""
    }
}
