import DoorpostCore

/// What a statement may be given as a value.
protocol Bindable {
    var bound: BoundValue { get }
}

/// A value on its way to the server.
enum BoundValue {
    case text(String)
    case bytes([UInt8])
}

extension String: Bindable {
    /// PostgreSQL keeps no NUL in a text. What holds one is none of our keys, so it must only stay
    /// different from them.
    var bound: BoundValue {
        .text(utf8.contains(0) ? String(map { $0 == "\0" ? "\u{FFFD}" : $0 }) : self)
    }
}

extension Int: Bindable {
    var bound: BoundValue { .text(String(self)) }
}

extension Int64: Bindable {
    var bound: BoundValue { .text(String(self)) }
}

extension Bool: Bindable {
    var bound: BoundValue { .text(self ? "t" : "f") }
}

extension Timestamp: Bindable {
    /// Kept as milliseconds.
    var bound: BoundValue { milliseconds.bound }
}

/// The bytes of a BYTEA.
struct Bytes: Bindable {
    var bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    var bound: BoundValue { .bytes(bytes) }
}

/// A list for `= ANY ($1)`: PostgreSQL's array literal.
struct List: Bindable {
    private let literal: String

    init(_ numbers: [Int64]) {
        literal = "{\(numbers.map { String($0) }.joined(separator: ","))}"
    }

    init(_ texts: [String]) {
        let quoted = texts.map { text in
            let escaped = text.unicodeScalars.map { scalar in
                scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : "\(scalar)"
            }
            return "\"\(escaped.joined())\""
        }
        literal = "{\(quoted.joined(separator: ","))}"
    }

    var bound: BoundValue { literal.bound }
}
