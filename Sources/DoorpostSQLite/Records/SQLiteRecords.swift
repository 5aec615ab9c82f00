package import DoorpostCore
import Foundation
import GRDB

/// A SQLite store as records: the one that is copied, or the one that is filled.
///
/// While this lives nobody else can open the file: it holds the ``WriteLock``, for which every
/// Doorpost waits, and SQLite's own exclusive lock, which is to be had only when everybody has
/// closed the file.
package final class SQLiteRecords: RecordSource, RecordTarget {
    package let place: String
    private let path: String
    private let queue: DatabaseQueue
    private let lock: WriteLock

    /// Opens a store that is to be copied.
    ///
    /// - Throws: ``StoreError/Code/busy``: somebody has it open.
    package static func source(
        path: String, patience: Span = .seconds(3)
    ) throws(StoreError) -> SQLiteRecords {
        let file = try StoreFile(path)
        guard file.exists else { throw StoreError.missing(path) }
        return try SQLiteRecords(file, patience) { queue, lock, path throws(StoreError) in
            let state = try Self.state(of: queue, path)
            guard state != .empty else { throw StoreError.missing(path) }
            try Schema.check(state, version: Migrations.current.version, path: path)
            do {
                // A used code that is good again here must not be good there.
                try RollbackWatch.current.look(at: queue, lock, isNew: false)
            } catch {
                throw StoreError(error, at: path)
            }
        }
    }

    /// Opens a store that is to be filled, and makes one where none is. It may be a copy that is
    /// not finished.
    ///
    /// - Throws: ``StoreError/Code/busy``: somebody has it open.
    package static func target(
        path: String, patience: Span = .seconds(3)
    ) throws(StoreError) -> SQLiteRecords {
        let file = try StoreFile(path)
        try StoreFile.create(file.path)
        return try SQLiteRecords(file, patience) { queue, _, path throws(StoreError) in
            let version = Migrations.current.version
            let state = try Self.state(of: queue, path)
            if case .unfinishedCopy(_, let found) = state {
                guard found == version else { throw StoreError.begunByAnother(path) }
                return
            }
            try Schema.check(state, version: version, path: path)
            if state == .empty { try Self.makeTables(queue, path) }
        }
    }

    private init(
        _ file: StoreFile, _ span: Span,
        prepare: (DatabaseQueue, WriteLock, String) throws(StoreError) -> Void
    ) throws(StoreError) {
        let patience = Patience()
        patience.wait(until: .now + span.duration)
        let lock = try WriteLock(besides: file, patience: patience)
        do throws(StoreError) {
            try lock.acquire()
            try file.checkSize()
            queue = try Self.open(file.path, patience)
            try prepare(queue, lock, file.path)
        } catch {
            lock.release()
            guard error.code == .busy else { throw error }
            throw Self.inUse(file.path)
        }
        self.lock = lock
        path = file.path
        place = "sqlite:\(file.path)"
    }

    /// Closing the last connection writes the log back: under the lock.
    deinit {
        try? queue.close()
        lock.release()
    }

    private static func open(_ path: String, _ patience: Patience) throws(StoreError)
        -> DatabaseQueue
    {
        var configuration = GRDB.Configuration()
        configuration.label = "doorpost.records"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .callback { patience.pause(before: $0) }
        configuration.prepareDatabase { db in
            // Before the first look at the file: with the log already open it would come too late.
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try db.execute(sql: SQLiteStore.connectionSettings)
            try db.execute(sql: largePages)
        }
        do {
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw StoreError(error, at: path)
        }
    }

    /// Many rows at once go into indexes that are in no order: 64 MB of them are kept, and the log
    /// is written back every 16 MB.
    private static let largePages = """
        PRAGMA cache_size = -65536;
        PRAGMA wal_autocheckpoint = 4000;
        """

    private static func state(
        of queue: DatabaseQueue, _ path: String
    ) throws(StoreError) -> Schema.State {
        do {
            return try queue.unsafeRead { try Schema.state(of: $0) }
        } catch {
            throw StoreError(error, at: path)
        }
    }

    private static func makeTables(_ queue: DatabaseQueue, _ path: String) throws(StoreError) {
        do {
            try queue.writeWithoutTransaction { db in
                _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            }
            try Migrations.current.apply(to: queue)
        } catch {
            throw StoreError(error, at: path)
        }
    }

    private static func inUse(_ path: String) -> StoreError {
        StoreError(
            .busy,
            "\(path) is in use. Stop `doorpost serve`, let sign-ins that are under way end, and "
                + "try again; `fuser \(path)` names who has it open.")
    }

    // MARK: - Reading

    package func count(of collection: RecordCollection) throws(StoreError) -> Int {
        try read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(collection.name)") ?? 0
        }
    }

    package func records(of collection: RecordCollection, after last: StoreRecord?, limit: Int)
        throws(StoreError) -> [StoreRecord]
    {
        let names = collection.fields.map(\.name).joined(separator: ", ")
        let key = collection.key.map(\.name).joined(separator: ", ")
        let marks = collection.key.map { _ in "?" }.joined(separator: ", ")
        let condition = last == nil ? "" : "WHERE (\(key)) > (\(marks))"
        let values = last.map { collection.key(of: $0).map(\.databaseValue) } ?? []
        return try read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT \(names) FROM \(collection.name) \(condition) ORDER BY \(key) LIMIT ?")
            let rows = try Row.fetchCursor(
                statement, arguments: StatementArguments(values + [limit.databaseValue]))
            var records: [StoreRecord] = []
            while let row = try rows.next() {
                records.append(
                    try collection.fields.enumerated().map { index, field in
                        try RecordValue(row[index] as DatabaseValue, field, of: collection)
                    })
            }
            return records
        }
    }

    package func lastNumber(of collection: RecordCollection) throws(StoreError) -> Int64 {
        let key = collection.fields[0].name
        return try read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(coalesce((SELECT max(\(key)) FROM \(collection.name)), 0),
                        coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0))
                    """, arguments: [collection.name]) ?? 0
        }
    }

    private func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        do {
            return try queue.unsafeRead(body)
        } catch {
            throw StoreError(error, at: path)
        }
    }

    // MARK: - Writing

    package func content() throws(StoreError) -> RecordTargetContent {
        if case .unfinishedCopy(let source, _) = try Self.state(of: queue, path) {
            return .part(of: source)
        }
        for collection in RecordCollection.all where try count(of: collection) > 0 {
            return .records
        }
        return .nothing
    }

    package func begin(from source: String) throws(StoreError) {
        try write { db in try Schema.markUnfinished(db, from: source) }
        // What stands there may be that of another file of this name.
        lock.set(Mark(number: 0, boot: .current))
    }

    package func add(_ records: [StoreRecord], to collection: RecordCollection) throws(StoreError) {
        let names = collection.fields.map(\.name).joined(separator: ", ")
        let marks = collection.fields.map { field in
            Self.written["\(collection.name).\(field.name)"] ?? "?"
        }.joined(separator: ", ")
        try write { db in
            let statement = try db.cachedStatement(
                sql: "INSERT INTO \(collection.name) (\(names)) VALUES (\(marks))")
            for record in records {
                try statement.execute(arguments: StatementArguments(record.map(\.databaseValue)))
            }
        }
    }

    /// Where this store keeps something else than the value: what is not kept is NULL.
    private static let written = ["outbox.kept": "nullif(?, 0)"]

    package func clear() throws(StoreError) {
        try write { db in
            for collection in RecordCollection.all.reversed() {
                try db.execute(sql: "DELETE FROM \(collection.name)")
            }
        }
    }

    /// The locks are held as long as this lives.
    package func holdStill() {}

    package func finish(lastNumbers: [String: Int64], audit: AuditEvent) throws(StoreError) {
        var last: Int64 = 0
        try write { db in
            // Only the trail's numbers outlive their records.
            let number = lastNumbers[RecordCollection.audit.name] ?? 0
            try db.execute(sql: "DELETE FROM sqlite_sequence WHERE name = 'audit'")
            try db.execute(
                sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('audit', ?)",
                arguments: [number])
            try Schema.markFinished(db)
            try db.append(audit)
            last = try db.lastAuditNumber()
        }
        lock.set(Mark(number: last, boot: .current))
    }

    private func write(_ body: (Database) throws -> Void) throws(StoreError) {
        do {
            try queue.write(body)
        } catch {
            throw StoreError(error, at: path)
        }
    }
}

extension StoreError {
    fileprivate static func missing(_ path: String) -> Self {
        Self(.unavailable, "there is no store at \(path).")
    }

    fileprivate static func begunByAnother(_ path: String) -> Self {
        Self(
            .schemaMismatch,
            "a copy into \(path) was begun by another version of Doorpost. Delete the file, and "
                + "begin anew.")
    }
}
