import GRDB

/// Reads and changes a database behind the store's back, as the sqlite3 shell would.
func withDatabase<T>(_ path: String, _ body: (Database) throws -> T) throws -> T {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.writeWithoutTransaction(body)
}

/// What `PRAGMA integrity_check` says.
func integrity(of path: String) throws -> [String] {
    try withDatabase(path) { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
}
