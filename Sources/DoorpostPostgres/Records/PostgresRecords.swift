package import DoorpostCore
import Glibc

/// A store in PostgreSQL as records: the one that is copied, or the one that is filled.
///
/// One connection, on which nothing is repeated: who loses it runs the copy again.
package final class PostgresRecords: RecordSource, RecordTarget {
    package var place: String { address.description }
    private let address: PostgresAddress
    private let connection: Connection

    /// Opens a store that is to be copied, and keeps everybody from changing it. Reading goes on.
    ///
    /// - Throws: ``StoreError/Code/busy``: a Doorpost is connected.
    package static func source(_ address: PostgresAddress) throws(StoreError) -> PostgresRecords {
        let records = try PostgresRecords(address)
        try records.use { connection in
            try Migrations.current.check(connection, address)
            try connection.refuseOthers(at: address)
            // The lock before the first look: what is seen is what was committed when it was had.
            try connection.begin("ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            try connection.lockTables()
        }
        return records
    }

    /// Opens a store that is to be filled, and makes the tables where there are none. It may be a
    /// copy that is not finished.
    ///
    /// - Throws: ``StoreError/Code/busy``: a Doorpost is connected, or another copy is made.
    package static func target(_ address: PostgresAddress) throws(StoreError) -> PostgresRecords {
        let records = try PostgresRecords(address)
        try records.use { connection in
            // Until the connection ends. CockroachDB, which has no such lock, lets two copies in,
            // and one of them fails at the first key that the other has written.
            let lock = "SELECT pg_try_advisory_lock(\(copyLock))"
            guard try soon({ try connection.run(lock).rows.first?.isTrue(0) == true }) else {
                throw StoreError(.busy, "another copy into \(address) is being made")
            }
            try connection.refuseOthers(at: address)
            guard try Migrations.current.unfinishedCopy(connection, address) == nil else { return }
            try Migrations.current.setUp(connection, address, migrating: false, create: true)
        }
        return records
    }

    private init(_ address: PostgresAddress) throws(StoreError) {
        self.address = address
        do {
            connection = try Connection(address, patience: Self.patience)
            // The other store may keep us waiting.
            try connection.run("SET idle_in_transaction_session_timeout = 0")
        } catch {
            throw Self.storeError(error, address)
        }
    }

    /// Of one statement: thousands of rows, and a count of them all.
    private static let patience = Span.minutes(10)
    /// "Copy" in ASCII.
    private static let copyLock = 0x436f_7079

    private func use<T>(_ body: (Connection) throws -> T) throws(StoreError) -> T {
        do {
            return try body(connection)
        } catch {
            throw Self.storeError(error, address)
        }
    }

    private static func storeError(_ error: any Error, _ address: PostgresAddress) -> StoreError {
        (error as? PostgresFailure)?.storeError(at: address.description)
            ?? error as? StoreError ?? StoreError.unreadable("value")
    }

    // MARK: - Reading

    package func count(of collection: RecordCollection) throws(StoreError) -> Int {
        try use { connection in
            try connection.execute("SELECT count(*) FROM \(collection.name)", []).rows.first?
                .count(0) ?? 0
        }
    }

    package func records(of collection: RecordCollection, after last: StoreRecord?, limit: Int)
        throws(StoreError) -> [StoreRecord]
    {
        let names = collection.fields.map(\.name).joined(separator: ", ")
        let key = collection.key.map(\.name).joined(separator: ", ")
        let marks = (1...collection.keyLength).map { "$\($0)" }.joined(separator: ", ")
        let condition = last == nil ? "" : "WHERE (\(key)) > (\(marks))"
        let values = last.map { collection.key(of: $0).map(\.bindable) } ?? []
        let sql = """
            SELECT \(names) FROM \(collection.name) \(condition)
            ORDER BY \(key) LIMIT $\(values.count + 1)
            """
        return try use { connection in
            try connection.execute(sql, values + [limit]).rows.map { row in
                try collection.fields.enumerated().map { index, field in
                    try RecordValue(row, index, field)
                }
            }
        }
    }

    package func lastNumber(of collection: RecordCollection) throws(StoreError) -> Int64 {
        let key = collection.fields[0].name
        return try use { connection in
            try connection.run(
                """
                SELECT greatest(coalesce((SELECT max(\(key)) FROM \(collection.name)), 0),
                    coalesce(pg_sequence_last_value(
                        pg_get_serial_sequence('\(collection.name)', '\(key)')::regclass), 0))
                """
            ).rows.first?.number(0) ?? 0
        }
    }

    // MARK: - Writing

    package func content() throws(StoreError) -> RecordTargetContent {
        let source = try use { try Migrations.current.unfinishedCopy($0, address) }
        if let source { return .part(of: source) }
        for collection in RecordCollection.all where try count(of: collection) > 0 {
            return .records
        }
        return .nothing
    }

    package func begin(from source: String) throws(StoreError) {
        try write { try Migrations.current.markUnfinished($0, from: source) }
    }

    package func add(
        _ records: [StoreRecord], to collection: RecordCollection
    ) throws(StoreError) {
        let names = collection.fields.map(\.name).joined(separator: ", ")
        let width = collection.fields.count
        let rows = records.indices.map { row in
            let marks = (1...width).map { "$\(row * width + $0)" }
            return "(\(marks.joined(separator: ", ")))"
        }
        let sql = """
            INSERT INTO \(collection.name) (\(names)) OVERRIDING SYSTEM VALUE
            VALUES \(rows.joined(separator: ", "))
            """
        try write { _ = try $0.execute(sql, records.joined().map(\.bindable)) }
    }

    package func clear() throws(StoreError) {
        let names = RecordCollection.all.map(\.name).joined(separator: ", ")
        try write { try $0.run("TRUNCATE \(names)") }
    }

    package func holdStill() throws(StoreError) {
        try use { connection in
            try connection.begin()
            try connection.lockTables()
        }
    }

    package func finish(lastNumbers: [String: Int64], audit: AuditEvent) throws(StoreError) {
        try use { connection in
            for collection in RecordCollection.all where collection.isNumbered {
                guard let number = lastNumbers[collection.name], number > 0 else { continue }
                let key = collection.fields[0].name
                try connection.run(
                    """
                    SELECT setval(
                        pg_get_serial_sequence('\(collection.name)', '\(key)'), \(number))
                    """)
            }
            try Migrations.current.markFinished(connection)
            try Transaction(connection).append(audit)
            try connection.run("COMMIT")
        }
    }

    private func write(_ body: (Connection) throws -> Void) throws(StoreError) {
        try use { connection in
            try connection.begin()
            try body(connection)
            try connection.run("COMMIT")
        }
    }
}

extension Connection {
    /// Begins a transaction that lasts until its COMMIT, or the end of the connection.
    fileprivate func begin(_ mode: String = "") throws { try run("BEGIN \(mode)") }

    /// Whoever only reads goes on; whoever writes waits, in a Doorpost for as long as it has
    /// patience.
    fileprivate func lockTables() throws {
        let names = RecordCollection.all.map(\.name).joined(separator: ", ")
        try run("LOCK TABLE \(names) IN SHARE MODE")
    }

    /// Refuses while another Doorpost is connected with our name: what it does after the copy
    /// would be lost, or would come among the records. One that is just going is waited for.
    fileprivate func refuseOthers(at address: PostgresAddress) throws {
        var hosts: [String] = []
        let isFree = try soon {
            hosts = try others()
            return hosts.isEmpty
        }
        guard isFree else {
            throw StoreError(
                .busy,
                "\(address) is in use from \(hosts.joined(separator: ", ")). Stop every "
                    + "`doorpost serve`, let sign-ins that are under way end, and try again.")
        }
    }

    /// From where other Doorposts are connected.
    private func others() throws -> [String] {
        try run(
            """
            SELECT DISTINCT coalesce(host(client_addr), 'the database''s machine')
            FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user
                AND application_name = current_setting('application_name')
                AND pid <> pg_backend_pid()
            """
        ).rows.map { try $0.text(0) }
    }
}

/// Asks until it is so, for three seconds: a client that was killed is connected still for as long
/// as its last statement takes.
private func soon(_ isSo: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(3)
    while try !isSo() {
        guard ContinuousClock.now < end else { return false }
        usleep(50_000)
    }
    return true
}
