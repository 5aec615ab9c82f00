/// JSON as the Cognito API and triggers speak it.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As it was written: who needs a number says of which kind.
    case number(String)
    case string(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// An object without the members that are nil.
    package static func members(_ members: [String: JSONValue?]) -> Self {
        .object(members.compactMapValues(\.self))
    }

    /// An object whose values are texts.
    package static func texts(_ texts: [String: String]) -> Self {
        .object(texts.mapValues(JSONValue.string))
    }

    /// A list of texts.
    package static func texts(_ texts: [String]) -> Self { .list(texts.map(JSONValue.string)) }

    /// Text, or null.
    package static func optional(_ text: String?) -> Self { text.map(JSONValue.string) ?? .null }

    package static func integer(_ number: Int64) -> Self { .number("\(number)") }

    /// A member of an object; nil if it has none of that name, or this is no object.
    package subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral {
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(Dictionary(members, uniquingKeysWith: { $1 }))
    }

    package init(stringLiteral text: String) { self = .string(text) }
}

extension JSONValue {
    /// The text in UTF-8, on one line, with the members of objects in the order of their names.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    /// The same as ``bytes``, as text.
    package var line: String { String(decoding: bytes, as: UTF8.self) }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let flag): bytes += (flag ? "true" : "false").utf8
        case .number(let number): bytes += number.utf8
        case .string(let string): Self.write(string, to: &bytes)
        case .list(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        // Nearly always, and tokens are long: in one piece.
        if string.utf8.allSatisfy(isPlain) {
            bytes += string.utf8
        } else {
            for scalar in string.unicodeScalars { writeEscaped(scalar, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether the byte stands in a string for itself, wherever it stands.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Beside what must be, control characters are escaped, and two separators of Unicode at which
    /// some readers of lines end one.
    private static func writeEscaped(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"": bytes += "\\\"".utf8
        case "\\": bytes += "\\\\".utf8
        case "\n": bytes += "\\n".utf8
        case "\r": bytes += "\\r".utf8
        case "\t": bytes += "\\t".utf8
        case "\0"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
            let digits = String(scalar.value, radix: 16)
            bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
        default: bytes += String(scalar).utf8
        }
    }
}
