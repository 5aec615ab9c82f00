/// JSON as events and answers are made of it, members in the order in which they are written.
enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As it was written: who needs a number says of which kind.
    case number(String)
    case text(String)
    case list([JSON])
    case object([Member])

    struct Member: Hashable, Sendable {
        var name: String
        var value: JSON
    }
}

extension JSON {
    /// An object whose values are texts, by name.
    static func texts(_ texts: [String: String]) -> Self {
        .object(
            texts.sorted { $0.key < $1.key }.map { Member(name: $0.key, value: .text($0.value)) })
    }

    static func texts(_ texts: [String]) -> Self { .list(texts.map(JSON.text)) }

    /// Text, or null.
    static func optional(_ text: String?) -> Self { text.map(JSON.text) ?? .null }

    /// A member of an object; nil if it has none of that name, or this is no object.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

extension JSON: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
}

extension JSON {
    /// The text, on one line.
    var line: String {
        var line = ""
        write(to: &line)
        return line
    }

    private func write(to line: inout String) {
        switch self {
        case .null: line += "null"
        case .bool(let flag): line += flag ? "true" : "false"
        case .number(let number): line += number
        case .text(let text): Self.write(text, to: &line)
        case .list(let items):
            line += "["
            for (index, item) in items.enumerated() {
                if index > 0 { line += "," }
                item.write(to: &line)
            }
            line += "]"
        case .object(let members):
            line += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { line += "," }
                Self.write(member.name, to: &line)
                line += ":"
                member.value.write(to: &line)
            }
            line += "}"
        }
    }

    /// Two separators of Unicode are escaped, too: some readers of lines end one there.
    private static func write(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\0"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}
