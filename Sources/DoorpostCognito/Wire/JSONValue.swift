/// JSON as the Cognito API speaks it.
enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As it was written: who needs a number says of which kind.
    case number(String)
    case string(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// An object without the members that are nil.
    static func members(_ members: [String: JSONValue?]) -> Self {
        .object(members.compactMapValues(\.self))
    }

    /// An object whose values are texts.
    static func texts(_ texts: [String: String]) -> Self {
        .object(texts.mapValues(JSONValue.string))
    }

    static func integer(_ number: Int64) -> Self { .number("\(number)") }
}

extension JSONValue {
    /// The text, with the members of objects in the order of their names.
    var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .number(let number): text += number
        case .string(let string): Self.write(string, to: &text)
        case .list(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                Self.write(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
