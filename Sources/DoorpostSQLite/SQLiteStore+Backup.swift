package import DoorpostCore
import GRDB
import Glibc

extension SQLiteStore {
    /// Writes a copy of the store as it is at one moment, while others go on using it.
    ///
    /// - Parameter path: of the copy, which gets mode 0600; nothing may lie there.
    /// - Throws: ``StoreError``: there is something, there is no room, or the store is damaged.
    package func backUp(to path: String) throws(StoreError) {
        guard access(path, F_OK) != 0 else {
            throw StoreError(.unavailable, "\(path) is there already. Name another file.")
        }
        let part = "\(path).part"
        unlink(part)
        do {
            try StoreFile.create(part)
            let copy = try DatabaseQueue(path: part)
            try backUp(into: copy)
            try StoreCopy.finish(copy)
            try StoreCopy.move(part, to: path)
        } catch {
            unlink(part)
            throw StoreError(error, at: path)
        }
    }
}

/// Copies of a store, each one whole file without a log beside it.
enum StoreCopy {
    /// Checks a copy, and makes it one file that may be moved.
    static func finish(_ copy: DatabaseQueue) throws {
        try copy.writeWithoutTransaction { db in
            _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
            let answer = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
            guard answer == "ok" else {
                throw StoreError(.corrupt, "the copy is damaged: \(answer ?? "no answer")")
            }
        }
        try copy.close()
    }

    /// Gives a file another name in its directory, durably.
    static func move(_ file: String, to path: String) throws(StoreError) {
        guard rename(file, path) == 0 else {
            throw StoreError(.unavailable, "cannot write \(path): \(describe(errno))")
        }
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
