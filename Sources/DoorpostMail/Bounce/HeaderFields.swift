/// A block of header fields, as mails and delivery reports have them.
struct HeaderFields {
    /// More than any mail needs; what comes after is skipped.
    private static let mostFields = 500
    private static let longestValue = 2000

    private var fields: [(name: String, value: String)] = []

    /// Reads up to and with the next empty line.
    init(from lines: inout ArraySlice<UInt8>) {
        while let line = lines.popLine(), let first = line.first {
            if first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
                unfold(line)
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                add(name: line[..<colon], value: line[(colon + 1)...])
            }
        }
    }

    /// The field's first value, or nil.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of a field.
    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    private mutating func add(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        guard fields.count < Self.mostFields else { return }
        fields.append((Self.text(name).lowercased(), Self.text(value)))
    }

    /// A line that begins with a blank goes on with the field before it.
    private mutating func unfold(_ line: ArraySlice<UInt8>) {
        guard let last = fields.indices.last, fields[last].value.utf8.count < Self.longestValue
        else { return }
        fields[last].value += " " + Self.text(line)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix(longestValue), as: UTF8.self).trimmed
    }
}

extension ArraySlice<UInt8> {
    /// Takes the next line off, without its end; nil when there is none left.
    mutating func popLine() -> ArraySlice<UInt8>? {
        guard !isEmpty else { return nil }
        let end = firstIndex(of: UInt8(ascii: "\n")) ?? endIndex
        var line = self[..<end]
        self = self[end...].dropFirst()
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }
}
