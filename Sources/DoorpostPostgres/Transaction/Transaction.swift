import DoorpostCore

/// The statements of one call, on one connection.
///
/// Every transaction is READ COMMITTED and takes its row locks in this order, so that no two wait
/// for each other in a circle: rows of `locks` (by key), users, challenges, mails, sessions, and the
/// rows of `locks` that all sign-ins share. A circle that is there all the same (SQLSTATE 40P01) is broken by the server, and the loser
/// begins again (``Remedy/again``).
struct Transaction {
    fileprivate let connection: Connection
    /// The shared limit for which the call was undone before: this time it is refused.
    let reached: LimitHit?

    init(_ connection: Connection, reached: LimitHit? = nil) {
        self.connection = connection
        self.reached = reached
    }

    /// Executes a statement.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: [(any Bindable)?] = []) throws -> Int {
        try connection.execute(sql, values).affected
    }

    /// All rows of a query, or of a statement with `RETURNING`.
    func rows(_ sql: String, _ values: [(any Bindable)?] = []) throws -> [Row] {
        try connection.execute(sql, values).rows
    }

    /// Waits for the server as often as so many statements would that are not needed here. Each is
    /// a way through the network and back, and how many there are must not show whether somebody
    /// is in the pool.
    func waitAsFor(statements count: Int) throws {
        for _ in 0..<count { _ = try rows("SELECT 1") }
    }

    /// The first row.
    func row(_ sql: String, _ values: [(any Bindable)?] = []) throws -> Row? {
        try rows(sql, values).first
    }
}
