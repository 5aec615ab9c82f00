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
    /// The text in UTF-8, with the members of objects in the order of their names.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

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
            for byte in string.utf8 { writeEscaped(byte, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether the byte stands in a string for itself. Those of other letters than ASCII's do.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func writeEscaped(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): bytes += "\\\"".utf8
        case UInt8(ascii: "\\"): bytes += "\\\\".utf8
        case UInt8(ascii: "\n"): bytes += "\\n".utf8
        case UInt8(ascii: "\r"): bytes += "\\r".utf8
        case UInt8(ascii: "\t"): bytes += "\\t".utf8
        case 0..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
        default: bytes.append(byte)
        }
    }
}
