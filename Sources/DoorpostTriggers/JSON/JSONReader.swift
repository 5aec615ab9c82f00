/// Reads what a program answers, strictly (RFC 8259): UTF-8, each member once, not deep.
///
/// By hand, since Foundation's decoder takes one of two members of the same name, and what says
/// who signs in must have one reading.
struct JSONReader {
    /// The text is not one JSON value of this kind.
    struct Malformed: Error {}

    /// More levels than any answer needs; a claim may be an object.
    private static let deepest = 16

    private var rest: ArraySlice<UInt8>

    static func read(_ bytes: some Collection<UInt8>) throws(Malformed) -> JSON {
        let bytes = Array(bytes)
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Malformed() }
        var reader = JSONReader(rest: bytes[...])
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.rest.isEmpty else { throw Malformed() }
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

    private mutating func value(depth: Int) throws(Malformed) -> JSON {
        guard depth <= Self.deepest else { throw Malformed() }
        skipSpace()
        switch rest.first {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .list(try list(depth: depth))
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: String, _ value: JSON) throws(Malformed) -> JSON {
        guard rest.starts(with: text.utf8) else { throw Malformed() }
        rest = rest.dropFirst(text.utf8.count)
        return value
    }

    private mutating func object(depth: Int) throws(Malformed) -> [JSON.Member] {
        rest.removeFirst()
        var members: [JSON.Member] = []
        var names: Set<String> = []
        skipSpace()
        if take("}") { return members }
        while true {
            skipSpace()
            guard rest.first == UInt8(ascii: "\"") else { throw Malformed() }
            let name = try string()
            skipSpace()
            guard take(":"), names.insert(name).inserted else { throw Malformed() }
            members.append(JSON.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return members }
            guard take(",") else { throw Malformed() }
        }
    }

    private mutating func list(depth: Int) throws(Malformed) -> [JSON] {
        rest.removeFirst()
        var items: [JSON] = []
        skipSpace()
        if take("]") { return items }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw Malformed() }
        }
    }

    private mutating func number() throws(Malformed) -> String {
        let text = rest.prefix { Self.isDigit($0) || "+-.eE".utf8.contains($0) }
        rest = rest.dropFirst(text.count)
        let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text
        let whole = digits.prefix(while: Self.isDigit)
        let fraction = digits.dropFirst(whole.count)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0"),
            fraction.first != UInt8(ascii: ".")
                || fraction.dropFirst().first.map(Self.isDigit) == true,
            Double(String(decoding: text, as: UTF8.self))?.isFinite == true,
            text.last.map(Self.isDigit) == true
        else { throw Malformed() }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
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
            case 0..<0x20: throw Malformed()
            default: text.append(byte)
            }
        }
        throw Malformed()
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
        default: throw Malformed()
        }
    }

    /// What follows `\u`; a pair of surrogates is one character, half a pair is none.
    private mutating func scalar() throws(Malformed) -> Character {
        let first = try unit()
        guard first & 0xfc00 == 0xd800 else {
            guard let scalar = Unicode.Scalar(first) else { throw Malformed() }
            return Character(scalar)
        }
        guard take("\\"), take("u") else { throw Malformed() }
        let second = try unit()
        guard second & 0xfc00 == 0xdc00,
            let scalar = Unicode.Scalar(
                UInt32(0x10000) + (UInt32(first & 0x3ff) << 10) + UInt32(second & 0x3ff))
        else { throw Malformed() }
        return Character(scalar)
    }

    private mutating func unit() throws(Malformed) -> UInt16 {
        let digits = rest.prefix(4)
        guard digits.count == 4, digits.allSatisfy({ UnicodeScalar($0).properties.isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw Malformed() }
        rest = rest.dropFirst(4)
        return unit
    }
}
