package import DoorpostCore
import GRDB

extension SQLiteStore {
    /// Looks for damage and takes the write lock once, for `doctor`.
    ///
    /// - Throws: ``StoreError/Code/corrupt`` with what SQLite found first.
    package func check() throws(StoreError) {
        let answer = try read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        guard answer == "ok" else {
            throw StoreError(
                .corrupt, "\(path) is damaged (\(answer ?? "no answer")). Restore it from a backup."
            )
        }
        try write { _ in }
    }
}
