/// The members of a JSON object, found without reading their values.
///
/// Foundation's decoder takes one of two members of the same name, accepts UTF-16, and takes `1.0`
/// and `1e3` for integers. A text that decides who signs in must have one reading, so tokens and
/// what the web sends pass here as well; whether the text is JSON at all is left to the decoder.
package struct FlatJSON {
    /// The bytes of each member's value.
    package let members: [String: ArraySlice<UInt8>]

    /// - Returns: nil when the text is not one object, two members have the same name, a name
    ///   holds an escape, or a byte is no part of UTF-8 text on one line.
    package init?(_ bytes: [UInt8]) {
        guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}"),
            bytes.allSatisfy({ $0 >= 0x20 }), String(validating: bytes, as: UTF8.self) != nil
        else { return nil }
        var members: [String: ArraySlice<UInt8>] = [:]
        let content = bytes.dropFirst().dropLast()
        let parts = content.allSatisfy(Self.isSpace) ? [] : Self.split(content, at: ",")
        for member in parts {
            let halves = Self.split(member, at: ":")
            guard halves.count == 2, let name = Self.name(halves[0]) else { return nil }
            guard members.updateValue(Self.trim(halves[1]), forKey: name) == nil else { return nil }
        }
        self.members = members
    }

    /// Whether the value is written as a whole number of one to eleven digits: until the year 5138.
    package func isWholeNumber(_ name: String) -> Bool {
        guard let value = members[name] else { return false }
        return (1...11).contains(value.count) && value.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") }

    private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }

    /// A quoted name; our own never need an escape, and with none each has one spelling.
    private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
        let quoted = trim(bytes)
        let quote = UInt8(ascii: "\"")
        guard quoted.count >= 2, quoted.first == quote, quoted.last == quote,
            !quoted.contains(UInt8(ascii: "\\"))
        else { return nil }
        return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }

    /// The parts between the separators that stand outside strings, arrays and objects.
    private static func split(
        _ bytes: ArraySlice<UInt8>, at separator: Unicode.Scalar
    ) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var (start, depth, isInString, isEscaped) = (bytes.startIndex, 0, false, false)
        for (index, byte) in zip(bytes.indices, bytes) {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                depth += 1
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                depth -= 1
            } else if byte == UInt8(ascii: separator), depth == 0 {
                parts.append(bytes[start..<index])
                start = index + 1
            }
        }
        parts.append(bytes[start...])
        return parts
    }
}
