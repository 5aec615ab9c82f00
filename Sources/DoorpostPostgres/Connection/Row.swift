import CPostgres
import DoorpostCore

/// The answer to a statement.
final class Answer {
    private let result: OpaquePointer

    /// - Parameter result: freed with this.
    init(_ result: OpaquePointer) { self.result = result }

    deinit { doorpost_pq_clear(result) }

    /// How many rows the statement changed or returned.
    var affected: Int { Int(doorpost_pq_affected(result)) }

    var rows: [Row] {
        (0..<Int(doorpost_pq_rows(result))).map { Row(answer: self, number: Int32($0)) }
    }

    /// What was done, as the server says it.
    // SAFETY: a text of the result, which lives as long as this; copied here.
    var tag: String { String(cString: doorpost_pq_tag(result)) }

    fileprivate func text(_ row: Int32, _ column: Int) -> String? {
        let column = Int32(column)
        guard !doorpost_pq_is_null(result, row, column) else { return nil }
        let length = Int(doorpost_pq_length(result, row, column))
        // SAFETY: libpq's own count of the bytes behind the pointer; copied here.
        return doorpost_pq_value(result, row, column).map { start in
            start.withMemoryRebound(to: UInt8.self, capacity: length) {
                String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
            }
        }
    }
}

/// One row of an answer; columns are numbered from 0.
struct Row {
    fileprivate var answer: Answer
    fileprivate var number: Int32

    func optionalText(_ column: Int) -> String? { answer.text(number, column) }

    func optionalNumber(_ column: Int) throws -> Int64? {
        guard let text = optionalText(column) else { return nil }
        guard let number = Int64(text) else { throw StoreError.unreadable("number") }
        return number
    }

    /// A time that may be missing.
    func optionalTime(_ column: Int) throws -> Timestamp? {
        try optionalNumber(column).map(Timestamp.init(milliseconds:))
    }

    /// The bytes of a BYTEA, which comes as `\x` and hexadecimal digits.
    func optionalBytes(_ column: Int) throws -> [UInt8]? {
        guard let text = optionalText(column) else { return nil }
        let digits = Array(text.utf8)
        guard text.hasPrefix("\\x"), digits.count.isMultiple(of: 2) else {
            throw StoreError.unreadable("bytes")
        }
        return try stride(from: 2, to: digits.count, by: 2).map { index in
            guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1])
            else { throw StoreError.unreadable("bytes") }
            return high << 4 | low
        }
    }

    func text(_ column: Int) throws -> String { try present(optionalText(column)) }
    func number(_ column: Int) throws -> Int64 { try present(optionalNumber(column)) }
    func count(_ column: Int) throws -> Int { Int(try number(column)) }
    func optionalCount(_ column: Int) throws -> Int? { try optionalNumber(column).map(Int.init) }
    func time(_ column: Int) throws -> Timestamp { try present(optionalTime(column)) }
    func bytes(_ column: Int) throws -> [UInt8] { try present(optionalBytes(column)) }
    func isTrue(_ column: Int) throws -> Bool { try text(column) == "t" }

    private func present<T>(_ value: T?) throws -> T {
        guard let value else { throw StoreError.unreadable("NULL") }
        return value
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension StoreError {
    /// A row holds a value that no Doorpost of this schema wrote.
    static func unreadable(_ what: String) -> Self {
        Self(
            .corrupt,
            "a row of the store (\(what)) holds what no Doorpost wrote. Somebody changed the store "
                + "by other means: restore a backup, or undo the change.")
    }
}
