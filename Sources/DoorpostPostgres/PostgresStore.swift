package import DoorpostCore
import Glibc

/// The store in a PostgreSQL database, shared by any number of machines.
///
/// One call is one READ COMMITTED transaction on a connection of its own; ``LockKey`` says why
/// that is enough. When it returns, it is as durable as the database's `synchronous_commit` says,
/// and at least on the disk of one server. Calls wait for locks, connections and a server that
/// restarts for as long as they have patience, and throw ``StoreError/Code/busy`` or
/// ``StoreError/Code/unavailable`` then.
package final class PostgresStore: Store {
    private let address: PostgresAddress
    private let pool: Pool
    private let patience: Span
    private let migrations: Migrations

    /// Opens the store, and sets it up if the database has none of our tables.
    ///
    /// - Parameters:
    ///   - connections: How many may be open at once: one for each thread that asks, or fewer.
    ///   - patience: How long a call may take.
    ///   - create: Whether missing tables are made; else that is an error.
    /// - Throws: ``StoreError/Code/schemaMismatch`` if another version of Doorpost made it.
    package convenience init(
        _ address: PostgresAddress, connections: Int = 1, patience: Span = .seconds(5),
        create: Bool = true
    ) throws(StoreError) {
        try self.init(
            address, connections: connections, patience: patience, create: create,
            migrations: .current, migrating: false)
    }

    /// Brings a store of an older Doorpost up to date; one that is up to date stays as it is, and
    /// where there is none, one is made.
    ///
    /// - Throws: ``StoreError/Code/schemaMismatch`` if a newer Doorpost made it.
    package static func migrate(_ address: PostgresAddress) throws(StoreError) {
        _ = try PostgresStore(
            address, connections: 1, patience: .seconds(5), create: true, migrations: .current,
            migrating: true)
    }

    /// Opens the store with a list of migrations of the caller's, so that tests can make one
    /// that is older or newer.
    init(
        _ address: PostgresAddress, connections: Int, patience: Span, create: Bool,
        migrations: Migrations, migrating: Bool
    ) throws(StoreError) {
        self.address = address
        self.patience = patience
        self.migrations = migrations
        // A statement that has used up three fifths of a call's time ends, so that there is time
        // to say so.
        pool = Pool(
            address, limit: connections, patience: Span(milliseconds: patience.milliseconds * 3 / 5)
        )
        try patiently { connection in
            try migrations.setUp(connection, address, migrating: migrating, create: create)
            connection.isOfOurSchema = true
        }
    }

    /// Runs one transaction; it is durable when this returns, or it did not happen. (If it throws
    /// since the server went away for good in the middle of a COMMIT, nobody knows.)
    ///
    /// - Parameter body: may run several times; only what its last run did stays.
    @discardableResult
    func write<T>(_ body: (Transaction) throws -> T) throws(StoreError) -> T {
        var doubt: (name: CommitName, result: T)?
        return try patiently { connection in
            try checkSchema(connection)
            if let (name, result) = doubt {
                if try connection.didHappen(name) { return result }
                doubt = nil
            }
            let name = CommitName()
            let result = try connection.transaction(body)
            do {
                try connection.commit(name)
            } catch let failure as PostgresFailure {
                if failure.isEndOfConnection { doubt = (name, result) }
                throw failure
            }
            return result
        }
    }

    /// Runs queries. Each sees what was committed before it began.
    func read<T>(_ body: (Transaction) throws -> T) throws(StoreError) -> T {
        try patiently { connection in
            try checkSchema(connection)
            return try body(Transaction(connection))
        }
    }

    /// A connection that is opened later may lead to a store that was migrated meanwhile.
    private func checkSchema(_ connection: Connection) throws {
        guard !connection.isOfOurSchema else { return }
        try migrations.check(connection, address)
        connection.isOfOurSchema = true
    }

    /// Runs the body. Should it find other tables than it knows, that is said as what it is, if
    /// somebody has migrated them since the connection was opened.
    private func run<T>(
        _ body: (Connection) throws -> T, on connection: Connection
    ) throws -> T {
        defer { connection.leave() }
        do {
            return try body(connection)
        } catch let failure as PostgresFailure {
            if failure.isAboutTables, connection.isOfOurSchema {
                connection.leave()
                try migrations.check(connection, address)
            }
            throw failure
        }
    }

    /// Runs the body until it goes well, fails for good, or the time is over.
    private func patiently<T>(_ body: (Connection) throws -> T) throws(StoreError) -> T {
        let deadline = ContinuousClock.now + .milliseconds(patience.milliseconds)
        var tries = 0
        while true {
            do {
                return try pool.use(until: deadline) { try run(body, on: $0) }
            } catch {
                guard let failure = error as? PostgresFailure else {
                    throw error as? StoreError ?? StoreError.unreadable("value")
                }
                if failure.remedy == .elsewhere { pool.closeIdle() }
                guard failure.remedy != .none, Self.pause(before: tries, until: deadline) else {
                    throw failure.storeError(at: address.description)
                }
                tries += 1
            }
        }
    }

    /// Sleeps a little, and longer each time; random, because processes that were refused
    /// together would otherwise come back together.
    ///
    /// - Returns: false, without having slept, if the time is over.
    private static func pause(before attempt: Int, until deadline: ContinuousClock.Instant) -> Bool
    {
        let longest = min(10_000 << min(attempt, 5), 300_000)
        let microseconds = Int.random(in: longest / 4...longest)
        guard ContinuousClock.now + .microseconds(microseconds) < deadline else { return false }
        usleep(UInt32(microseconds))
        return true
    }
}
