package import DoorpostCore
import GRDB

extension SQLiteStore {
    /// Looks for damage, and whether it takes writes, for `doctor`.
    ///
    /// - Throws: ``StoreError/Code/corrupt`` with what SQLite found first.
    package func check() throws(StoreError) {
        let answer = try read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        guard answer == "ok" else {
            throw StoreError(
                .corrupt, "\(path) is damaged (\(answer ?? "no answer")). Restore it from a backup."
            )
        }
        try checkWritable()
    }

    package func checkWritable() throws(StoreError) {
        // A page that is written as it was goes through the log like any other; a transaction
        // that finds nothing to write would not touch the disk.
        try write { db in
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            try db.execute(sql: "PRAGMA user_version = \(version)")
        }
        try DiskRoom.check(besides: path)
    }
}
