package import DoorpostCore
import GRDB
import Glibc

extension SQLiteStore {
    /// Puts a backup in the place of the store, which is kept under another name.
    ///
    /// What must not come to life again does not: codes and mails of the backup's time are
    /// deleted, and sessions ended, since one that was signed out of since, or a refresh token
    /// that was spent since, would be good once more. Whoever has the old file open writes no
    /// more, and must be restarted.
    ///
    /// - Parameters:
    ///   - path: of the store; there need not be one.
    ///   - keepsSessions: whether sessions go on all the same.
    ///   - audit: is written into the trail of the restored store.
    /// - Returns: where the old store is now; nil if there was none.
    /// - Throws: ``StoreError``: the backup is none, damaged, or of a newer Doorpost; then the
    ///   store is as it was.
    package static func restore(
        _ backup: String, to path: String, keepsSessions: Bool, audit: AuditEvent
    ) throws(StoreError) -> String? {
        let file = try StoreFile(path)
        let fresh = "\(file.path).restored"
        unlink(fresh)
        do {
            try StoreFile.create(fresh)
            let copy = try DatabaseQueue(path: fresh)
            try open(backup).backup(to: copy)
            try bringUpToDate(copy, from: backup)
            let number = try end(in: copy, keepsSessions: keepsSessions, audit: audit)
            try StoreCopy.finish(copy)
            return try swap(fresh, into: file, number)
        } catch {
            unlink(fresh)
            throw StoreError(error, at: backup)
        }
    }

    private static func open(_ backup: String) throws -> DatabaseQueue {
        guard access(backup, R_OK) == 0 else {
            throw StoreError(.unavailable, "cannot read \(backup): \(describe(errno))")
        }
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: backup, configuration: configuration)
    }

    private static func bringUpToDate(_ copy: DatabaseQueue, from backup: String) throws {
        let migrations = Migrations.current
        switch try copy.unsafeRead({ try Schema.state(of: $0) }) {
        case .version(let version) where version <= migrations.version:
            if version < migrations.version { try migrations.apply(to: copy) }
        case .version:
            throw StoreError(
                .schemaMismatch,
                "\(backup) is of a newer Doorpost. Install that one, then restore.")
        case .empty, .foreign, .unfinishedCopy:
            throw StoreError(.corrupt, "\(backup) is no backup of a Doorpost.")
        }
    }

    /// - Returns: the last number of the audit trail.
    private static func end(
        in copy: DatabaseQueue, keepsSessions: Bool, audit: AuditEvent
    ) throws -> Int64 {
        try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = ON") }
        return try copy.write { db in
            try db.endAll(keepsSessions: keepsSessions, audit: audit)
            return try db.lastAuditNumber()
        }
    }

    /// Under the write lock: nobody commits to the old file meanwhile, nor to the new one before
    /// it is in its place.
    ///
    /// - Parameter number: the last of the new file's audit trail.
    private static func swap(
        _ fresh: String, into file: StoreFile, _ number: Int64
    ) throws(StoreError) -> String? {
        let patience = Patience()
        patience.wait(until: .now + .seconds(3))
        let lock = try WriteLock(besides: file, patience: patience)
        try lock.acquire()
        defer { lock.release() }
        var old: String?
        if file.exists {
            let kept = "\(file.path).before-restore"
            // Of two restores in a row, the store that was in use is the one to keep.
            guard access(kept, F_OK) != 0 else {
                throw StoreError(
                    .unavailable,
                    "\(kept) of an earlier restore is still there. Put it aside, then try again.")
            }
            // The log first: what is committed may still be in it.
            for suffix in ["-wal", "-shm"] where access(file.path + suffix, F_OK) == 0 {
                try StoreCopy.move(file.path + suffix, to: kept + suffix)
            }
            try StoreCopy.move(file.path, to: kept)
            old = kept
        }
        try StoreCopy.move(fresh, to: file.path)
        // What is older than the mark, as this is, passes for rolled back.
        lock.set(Mark(number: number, boot: .current))
        return old
    }
}
