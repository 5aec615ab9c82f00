import DoorpostCore
import Foundation
import GRDB

// Every statement goes through these: prepared once a connection, every value bound.

extension Database {
    /// Executes a statement.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: arguments)
        return changesCount
    }

    /// All rows of a query, or of a statement with `RETURNING`: run to its end, so that the
    /// statement is not left open over a commit.
    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }

    /// The first row.
    func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try rows(sql, arguments).first
    }
}

extension Row {
    /// A time, kept as milliseconds.
    func time(_ column: Int) -> Timestamp { Timestamp(milliseconds: self[column]) }

    /// A time that may be missing.
    func optionalTime(_ column: Int) -> Timestamp? {
        (self[column] as Int64?).map(Timestamp.init(milliseconds:))
    }

    /// The bytes of a BLOB.
    func bytes(_ column: Int) -> [UInt8] { [UInt8](self[column] as Data) }
}
