package import DoorpostCore
import GRDB
import Synchronization

/// The store in one SQLite file, shared by the processes of one machine.
///
/// Every write is one `BEGIN IMMEDIATE` transaction under the ``WriteLock``, in WAL mode with
/// `synchronous=FULL`: when a call returns, what it did survives a crash and a power cut. A
/// connection is opened once a process and used by one thread at a time. When nobody has used
/// the connection for the busy timeout's length because others hold the file, calls throw
/// ``StoreError/Code/busy``.
package final class SQLiteStore: Store {
    /// The path of the database, without symbolic links.
    package let path: String
    private let file: StoreFile
    /// Of the file that the connection has open.
    private let identity: StoreFile.Identity?
    private let queue: DatabaseQueue
    /// The connection of queries, if they have one.
    private let reader: DatabaseQueue?
    private let pending = PendingWrites()
    private let lock: WriteLock
    private let patience: Patience
    private let readerPatience = Patience()
    private let busyTimeout: Duration
    /// The run of the kernel that this process is in.
    private let boot: Boot?
    /// What this process has written into the mark last.
    private let lastNumber = Mutex<Int64>(-1)

    /// Opens the store, and sets it up if the file is empty.
    ///
    /// - Parameters:
    ///   - path: The database; `-wal`, `-shm` and `.lock` lie beside it. A local file system.
    ///   - busyTimeout: How long a call waits for other processes before it gives up.
    ///   - create: Whether a missing file is made (mode 0600); else it is an error.
    ///   - readsApart: Whether queries have a connection of their own, for a process of many
    ///     threads: a query does not wait for the disk then. Opening it takes a login's time.
    /// - Throws: ``StoreError/Code/schemaMismatch`` if another version of Doorpost made it.
    package convenience init(
        path: String, busyTimeout: Span = .seconds(3), create: Bool = true,
        readsApart: Bool = false
    ) throws(StoreError) {
        try self.init(
            path: path, busyTimeout: busyTimeout, create: create, readsApart: readsApart,
            migrations: .current, migrating: false)
    }

    /// Brings a store of an older Doorpost up to date; one that is up to date stays as it is.
    ///
    /// - Throws: ``StoreError/Code/schemaMismatch`` if a newer Doorpost made it.
    package static func migrate(
        path: String, busyTimeout: Span = .seconds(3)
    ) throws(StoreError) {
        _ = try SQLiteStore(
            path: path, busyTimeout: busyTimeout, create: false, migrations: .current,
            migrating: true)
    }

    /// Opens the store with a list of migrations of the caller's, so that tests can make one
    /// that is older or newer, in a run of the kernel of the caller's (`watch`), and with `trace`
    /// told of every statement.
    init(
        path: String, busyTimeout: Span, create: Bool, readsApart: Bool = false,
        migrations: Migrations, migrating: Bool, watch: RollbackWatch = .current,
        trace: (@Sendable (String) -> Void)? = nil
    ) throws(StoreError) {
        let file = try StoreFile(path)
        guard file.exists || create else {
            throw StoreError(
                .unavailable,
                "there is no store at \(path). Run `doorpost init`, or correct "
                    + "`store:` in the configuration.")
        }
        let patience = Patience()
        patience.wait(until: .now + busyTimeout.duration)
        let lock = try WriteLock(besides: file, patience: patience)
        // Held from here: the first connection to a file recovers its log after a crash.
        try lock.acquire()
        defer { lock.release() }
        do {
            try StoreFile.create(file.path)
            try file.checkSize()
            queue = try DatabaseQueue(
                path: file.path, configuration: Self.configuration(patience, trace: trace))
            let state = try Self.setUp(queue, migrations, migrating: migrating, path: file.path)
            try watch.look(at: queue, lock, isNew: state == .empty)
            reader =
                readsApart
                ? try DatabaseQueue(
                    path: file.path,
                    configuration: Self.configuration(readerPatience, isReader: true, trace: nil))
                : nil
        } catch {
            throw StoreError(error, at: file.path)
        }
        self.path = file.path
        self.file = file
        identity = file.identity
        self.lock = lock
        self.patience = patience
        self.busyTimeout = busyTimeout.duration
        boot = watch.boot ?? lock.mark?.boot
    }

    /// The last connection to a file writes the log back into it and deletes the log: under
    /// the lock, as every checkpoint. If that is not to be had soon, the connection stays open
    /// until the process ends, which is harmless: the next one reads the log.
    deinit {
        // First: it may not write the log back, so it must not be the last.
        try? reader?.close()
        patience.wait(until: .now + min(busyTimeout, .milliseconds(200)))
        do {
            try lock.acquire()
        } catch {
            _ = Unmanaged.passRetained(queue)
            return
        }
        try? queue.close()
        lock.release()
    }

    /// Runs one transaction; it is durable when this returns, or it did not happen. The
    /// transaction may be shared with other calls that waited; each still happens wholly or
    /// not at all.
    @discardableResult
    func write<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        // Taken here, not on the queue: waiting for our own threads is waiting, too.
        let deadline = ContinuousClock.now + busyTimeout
        do {
            return try withoutActuallyEscaping(body) { body in
                var result: T?
                let own = PendingWrite { result = try body($0) }
                if !pending.add(own) { own.wait() }
                if own.outcome == nil { lead(own, until: deadline) }
                try own.outcome?.get()
                guard let result else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
                return result
            }
        } catch {
            throw StoreError(error, at: path)
        }
    }

    /// Commits what waits, the caller's own write first, and finishes it. The next leader begins
    /// before those who slept are woken: the disk need not wait for them.
    private func lead(_ own: PendingWrite, until deadline: ContinuousClock.Instant) {
        let writes = queue.writeWithoutTransaction { db in
            commitPending(with: own, until: deadline, db)
        }
        pending.passOn()
        for write in writes where write !== own { write.wake() }
    }

    /// Commits what waits. Who does not get the lock in time gives up for itself only: the others
    /// may have come later.
    ///
    /// - Returns: the writes that are finished.
    private func commitPending(
        with own: PendingWrite, until deadline: ContinuousClock.Instant, _ db: Database
    ) -> [PendingWrite] {
        patience.wait(until: deadline)
        do {
            try lock.acquire()
        } catch {
            return giveUp(own, error)
        }
        defer { lock.release() }
        guard file.identity == identity else { return giveUp(own, notOurs) }
        let writes = pending.take()
        let ending = db.commit(writes)
        if case .success(let number) = ending { keepMark(number) }
        for write in writes { write.finish(ending.map { _ in }) }
        return writes
    }

    /// Most commits write a record into the trail; those that do not leave the mark as it is.
    private func keepMark(_ number: Int64) {
        lastNumber.withLock { last in
            guard number != last else { return }
            lock.set(Mark(number: number, boot: boot))
            last = number
        }
    }

    private func giveUp(_ own: PendingWrite, _ error: any Error) -> [PendingWrite] {
        pending.remove(own)
        own.finish(.failure(error))
        return [own]
    }

    /// What would be written to the open file then, nobody would find again.
    private var notOurs: StoreError {
        StoreError(
            .unavailable,
            "the file at \(path) is gone, or is another than the one that was opened. "
                + "Put it back, or restart Doorpost.")
    }

    /// Copies all pages, as one query sees them.
    func backUp(into copy: DatabaseQueue) throws { try (reader ?? queue).backup(to: copy) }

    /// How many writes wait for the connection.
    var waitingWrites: Int { pending.count }

    /// Runs one query. Readers see the last commit; with a connection of their own they wait for
    /// nobody, else for the write that runs.
    func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        let deadline = ContinuousClock.now + busyTimeout
        do {
            return try (reader ?? queue).unsafeRead { db in
                (reader == nil ? patience : readerPatience).wait(until: deadline)
                return try body(db)
            }
        } catch {
            throw StoreError(error, at: path)
        }
    }

    private static func configuration(
        _ patience: Patience, isReader: Bool = false, trace: (@Sendable (String) -> Void)?
    ) -> Configuration {
        var configuration = Configuration()
        configuration.label = isReader ? "doorpost.store.reader" : "doorpost.store"
        configuration.readonly = isReader
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .callback { patience.pause(before: $0) }
        configuration.prepareDatabase { db in
            if let trace {
                db.trace { event in
                    if case .statement(let statement) = event { trace(statement.sql) }
                }
            }
            try db.execute(sql: connectionSettings)
        }
        return configuration
    }

    /// - `synchronous=FULL`: a consumed code must not come back after a power cut.
    /// - `secure_delete`: what is erased is overwritten.
    /// - `trusted_schema=OFF`: a schema that somebody planted runs no functions.
    /// - `mmap_size=0`: a fault of the disk is an error, not a SIGBUS.
    /// - `temp_store=MEMORY`: nothing of ours lies in a temporary directory.
    /// - `wal_autocheckpoint`: whoever opens the file after the last user died or left without
    ///   closing reads the log, and a login waits for that: 200 pages are 0.8 MB.
    /// - `journal_size_limit`: a log that grew once does not stay large.
    static let connectionSettings = """
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        PRAGMA trusted_schema = OFF;
        PRAGMA mmap_size = 0;
        PRAGMA temp_store = MEMORY;
        PRAGMA wal_autocheckpoint = 200;
        PRAGMA journal_size_limit = 4194304;
        """

    /// - Returns: what stood in the file.
    private static func setUp(
        _ queue: DatabaseQueue, _ migrations: Migrations, migrating: Bool, path: String
    ) throws -> Schema.State {
        let state = try queue.unsafeRead { try Schema.state(of: $0) }
        if case .version(let found) = state, migrating, found < migrations.version {
            // An older one, and we were asked to.
        } else {
            try Schema.check(state, version: migrations.version, path: path)
        }
        // Only now, when the file is known to be ours: this writes into its header.
        let mode = try queue.unsafeRead {
            try String.fetchOne($0, sql: "PRAGMA journal_mode = WAL")
        }
        guard mode == "wal" else {
            throw StoreError(
                .unavailable,
                "\(path) cannot be switched to WAL mode. It must lie on a local "
                    + "file system, writable for the user that Doorpost runs as.")
        }
        if state != .version(migrations.version) { try migrations.apply(to: queue) }
        return state
    }
}
