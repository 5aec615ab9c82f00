/// A mail, or a part of one, taken apart as far as delivery status notifications need it.
struct MailPart {
    /// More parts than any notification has.
    private static let mostParts = 50

    let fields: HeaderFields
    /// Everything after the first empty line, as it came. Nothing is decoded: RFC 3464 §2.1 wants
    /// the parts that are read here in plain text.
    let body: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        fields = HeaderFields(from: &rest)
        body = rest
    }

    /// `multipart/report`, in lower case.
    var type: String {
        let value = fields["content-type"] ?? "text/plain"
        return String(value.prefix { $0 != ";" }).trimmed.lowercased()
    }

    /// The parts of a multipart, also if it is cut off; none of anything else.
    var parts: [MailPart] {
        guard type.hasPrefix("multipart/"), let boundary else { return [] }
        let mark = Array("--\(boundary)".utf8)
        var parts: [MailPart] = []
        var rest = body
        var start: Int?
        while parts.count < Self.mostParts {
            let lineStart = rest.startIndex
            let tail = Self.tail(of: rest.popLine(), after: mark)
            guard tail == "" || tail == "--" else { continue }
            if let start { parts.append(MailPart(body[start..<lineStart])) }
            if tail == "--" { break }
            start = rest.startIndex
        }
        return parts
    }

    /// What stands behind the mark that begins a line; nil if none does. The end of the mail is
    /// as good as the last boundary.
    private static func tail(of line: ArraySlice<UInt8>?, after mark: [UInt8]) -> String? {
        guard let line else { return "--" }
        guard line.starts(with: mark) else { return nil }
        return String(decoding: line.dropFirst(mark.count), as: UTF8.self).trimmed
    }

    private var boundary: String? {
        guard let value = fields["content-type"].flatMap({ Self.parameter("boundary", of: $0) }),
            (1...70).contains(value.utf8.count)
        else { return nil }
        return value
    }

    /// A parameter of a structured field: `; name=value` or `; name="quoted \"value\""`.
    private static func parameter(_ name: String, of value: String) -> String? {
        var rest = value.drop { $0 != ";" }
        while !rest.isEmpty {
            let key = rest.dropFirst().prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(1 + key.count)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0.isWhitespace }
            let value = rest.first == "\"" ? quoted(&rest) : String(rest.prefix { $0 != ";" })
            if String(key).trimmed.lowercased() == name { return value.trimmed }
            rest = rest.drop { $0 != ";" }
        }
        return nil
    }

    private static func quoted(_ rest: inout Substring) -> String {
        var text = ""
        rest.removeFirst()
        while let character = rest.popFirst(), character != "\"" {
            text.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return text
    }
}
