/// Reads JSON strictly (RFC 8259): UTF-8, each member once, no deeper than anybody needs.
///
/// By hand, since Foundation's decoder takes one of two members of the same name, and what says
/// who signs in must have one reading; ``FlatJSON`` knows no nested objects.
package struct JSONReader {
    /// Why a text is none; the raw value says it in words.
    package enum Malformed: String, Error {
        case notUTF8 = "is not UTF-8"
        case notJSON = "is not JSON"
        case tooDeep = "is nested too deeply"
        case twice = "has a member that is there twice"
    }

    /// More levels than any operation's input, or any trigger's answer, has.
    package static let deepest = 16

    private var rest: ArraySlice<UInt8>

    /// The one value that the text is.
    package static func value(_ text: some Collection<UInt8>) throws(Malformed) -> JSONValue {
        let bytes = Array(text)
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var reader = JSONReader(rest: bytes[...])
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.rest.isEmpty else { throw .notJSON }
        return value
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    }

    /// Takes the byte if it is next.
    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: scalar) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth <= Self.deepest else { throw .tooDeep }
        skipSpace()
        switch rest.first {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .list(try list(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(Malformed) -> JSONValue {
        guard rest.starts(with: text.utf8) else { throw .notJSON }
        rest = rest.dropFirst(text.utf8.count)
        return value
    }

    private mutating func object(depth: Int) throws(Malformed) -> [String: JSONValue] {
        rest.removeFirst()
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take("}") { return members }
        while true {
            skipSpace()
            guard rest.first == UInt8(ascii: "\"") else { throw .notJSON }
            let name = try string()
            skipSpace()
            guard take(":") else { throw .notJSON }
            let value = try value(depth: depth + 1)
            guard members.updateValue(value, forKey: name) == nil else { throw .twice }
            skipSpace()
            if take("}") { return members }
            guard take(",") else { throw .notJSON }
        }
    }

    private mutating func list(depth: Int) throws(Malformed) -> [JSONValue] {
        rest.removeFirst()
        var items: [JSONValue] = []
        skipSpace()
        if take("]") { return items }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw .notJSON }
        }
    }

    private mutating func number() throws(Malformed) -> String {
        let text = rest.prefix { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        rest = rest.dropFirst(text.count)
        var digits = text
        if digits.first == UInt8(ascii: "-") { digits.removeFirst() }
        let whole = digits.prefix { (0x30...0x39).contains($0) }
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0"),
            Double(String(decoding: text, as: UTF8.self))?.isFinite == true,
            digits.last.map({ (0x30...0x39).contains($0) }) == true
        else { throw .notJSON }
        return String(decoding: text, as: UTF8.self)
    }
}

// Strings.
extension JSONReader {
    private mutating func string() throws(Malformed) -> String {
        rest.removeFirst()
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escaped()
            case 0..<0x20: throw .notJSON
            default: text.append(byte)
            }
        }
        throw .notJSON
    }

    private mutating func escaped() throws(Malformed) -> [UInt8] {
        switch rest.popFirst() {
        case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
        case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
        case UInt8(ascii: "/"): return [UInt8(ascii: "/")]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
        default: throw .notJSON
        }
    }

    /// What follows `\u`; a pair of surrogates is one character, half a pair is none.
    private mutating func scalar() throws(Malformed) -> Character {
        let first = try unit()
        guard first & 0xfc00 == 0xd800 else {
            guard let scalar = Unicode.Scalar(first) else { throw .notJSON }
            return Character(scalar)
        }
        guard take("\\"), take("u") else { throw .notJSON }
        let second = try unit()
        guard second & 0xfc00 == 0xdc00,
            let scalar = Unicode.Scalar(
                UInt32(0x10000) + (UInt32(first & 0x3ff) << 10) + UInt32(second & 0x3ff))
        else { throw .notJSON }
        return Character(scalar)
    }

    private mutating func unit() throws(Malformed) -> UInt16 {
        let digits = rest.prefix(4)
        guard digits.count == 4, digits.allSatisfy({ UnicodeScalar($0).properties.isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .notJSON }
        rest = rest.dropFirst(4)
        return unit
    }
}
