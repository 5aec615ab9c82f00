import DoorpostCore

/// The steps that lead from an empty schema to the tables of today. A step that was released is
/// never changed again; `doorpost_schema` holds the number of steps taken.
struct Migrations: Sendable {
    /// One step: a name that stays, and its SQL.
    struct Step: Sendable {
        var name: String
        var sql: String
    }

    var steps: [Step]

    /// The version that this Doorpost reads and writes.
    var version: Int { steps.count }

    static let current = Migrations(steps: [
        Step(name: "1-tables", sql: Tables.first), Step(name: "2-hosts", sql: Tables.hosts),
    ])

    /// Refuses tables that are not of this version.
    func check(_ connection: Connection, _ address: PostgresAddress) throws {
        try check(try wholeVersion(connection, address), address)
    }

    /// Makes the tables where there are none, or takes the steps that are missing.
    ///
    /// - Parameters:
    ///   - migrating: Whether tables of an older version may be changed.
    ///   - create: Whether missing ones may be made.
    func setUp(
        _ connection: Connection, _ address: PostgresAddress, migrating: Bool, create: Bool
    ) throws {
        let found = try wholeVersion(connection, address)
        if found == nil, !create { throw Self.missing(address) }
        let mayApply = found.map { $0 < version && migrating } ?? true
        if mayApply { try apply(connection) }
        try check(mayApply ? try Self.version(connection) : found, address)
    }

    /// How many steps were taken of a store that is whole; nil if there are no tables of ours.
    private func wholeVersion(_ connection: Connection, _ address: PostgresAddress) throws -> Int? {
        let found = try Self.version(connection)
        guard let source = try source(ofUnfinished: found, connection, address) else {
            return found
        }
        throw StoreError(
            .unavailable,
            "a copy into \(address) is not finished. Run `doorpost store copy '\(source)' "
                + "'\(address)'` again.")
    }

    private func check(_ found: Int?, _ address: PostgresAddress) throws(StoreError) {
        guard let found else { throw Self.missing(address) }
        if found < version {
            throw StoreError(
                .schemaMismatch,
                "\(address) was made by an older Doorpost (schema \(found), this one has "
                    + "\(version)). Run `doorpost store migrate`.")
        }
        if found > version {
            throw StoreError(
                .schemaMismatch,
                "this Doorpost is older than the store \(address) (schema \(found), this one has "
                    + "\(version)). Install the newer Doorpost.")
        }
    }

    /// Added to the version of a copy that is not finished. A Doorpost that does not know this
    /// takes it for a newer one's.
    private static let unfinished = 1_000_000

    /// What is being copied into these tables; nil if they are whole, or are none.
    ///
    /// - Throws: ``StoreError/Code/schemaMismatch`` if another version of Doorpost began it.
    func unfinishedCopy(_ connection: Connection, _ address: PostgresAddress) throws -> String? {
        try source(ofUnfinished: Self.version(connection), connection, address)
    }

    private func source(
        ofUnfinished found: Int?, _ connection: Connection, _ address: PostgresAddress
    ) throws -> String? {
        guard let found, found > Self.unfinished else { return nil }
        guard found == Self.unfinished + version else {
            throw StoreError(
                .schemaMismatch,
                "a copy into \(address) was begun by another version of Doorpost. Empty the "
                    + "database, and begin anew.")
        }
        return try connection.run("SELECT source FROM unfinished_copy").rows.first?.text(0)
    }

    /// Marks tables as a copy that is not finished. The table of the mark goes with it, so that no
    /// migration need know it.
    func markUnfinished(_ connection: Connection, from source: String) throws {
        try connection.run("CREATE TABLE unfinished_copy (source TEXT NOT NULL)")
        _ = try connection.execute("INSERT INTO unfinished_copy (source) VALUES ($1)", [source])
        try connection.run("UPDATE doorpost_schema SET version = \(Self.unfinished + version)")
    }

    /// Takes the mark away.
    func markFinished(_ connection: Connection) throws {
        try connection.run(
            """
            DROP TABLE unfinished_copy;
            UPDATE doorpost_schema SET version = \(version)
            """)
    }

    private static func missing(_ address: PostgresAddress) -> StoreError {
        StoreError(
            .unavailable,
            "there is no store at \(address). Run `doorpost store migrate`, or correct `store:` "
                + "in the configuration.")
    }

    /// How many steps were taken; nil if there are no tables of ours.
    private static func version(_ connection: Connection) throws -> Int? {
        do {
            return try connection.run("SELECT version FROM doorpost_schema").rows.first?.count(0)
        } catch let failure as PostgresFailure {
            if failure.state == "42P01" { return nil }
            throw failure
        }
    }

    /// All missing steps in one transaction, under a lock: of several that come at once, the
    /// first takes them, and the others find them taken.
    private func apply(_ connection: Connection) throws {
        try connection.transaction { _ in
            try connection.run(
                """
                SET LOCAL statement_timeout = \(Self.patience.milliseconds);
                SET LOCAL lock_timeout = 0;
                SELECT pg_advisory_xact_lock(\(Self.lockNumber));
                CREATE TABLE IF NOT EXISTS doorpost_schema (version BIGINT NOT NULL)
                """, atMost: Self.patience)
            let found = try Self.version(connection) ?? 0
            guard found < version else { return }
            for step in steps[found...] { try connection.run(step.sql, atMost: Self.patience) }
            try connection.run(
                """
                DELETE FROM doorpost_schema;
                INSERT INTO doorpost_schema (version) VALUES (\(version));
                COMMIT
                """)
        }
        connection.leave()
    }

    /// A step may rewrite a table.
    private static let patience = Span.minutes(10)

    /// "Door" in ASCII: nobody else's lock.
    private static let lockNumber = 0x446f_6f72
}
