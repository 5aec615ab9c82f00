import DoorpostCore
import GRDB
import Testing

@testable import DoorpostSQLite

/// What SQLite says, and what the flow is told: the whole table.
@Suite struct StoreErrorTests {
    @Test(arguments: [
        (ResultCode.SQLITE_BUSY, StoreError.Code.busy),
        (.SQLITE_BUSY_RECOVERY, .busy), (.SQLITE_BUSY_SNAPSHOT, .busy), (.SQLITE_LOCKED, .busy),
        (.SQLITE_PROTOCOL, .busy),
        (.SQLITE_FULL, .unavailable), (.SQLITE_READONLY, .unavailable),
        (.SQLITE_READONLY_DBMOVED, .unavailable), (.SQLITE_READONLY_DIRECTORY, .unavailable),
        (.SQLITE_CANTOPEN, .unavailable), (.SQLITE_CANTOPEN_ISDIR, .unavailable),
        (.SQLITE_PERM, .unavailable), (.SQLITE_AUTH, .unavailable),
        (.SQLITE_IOERR, .unavailable), (.SQLITE_IOERR_FSYNC, .unavailable),
        (.SQLITE_IOERR_WRITE, .unavailable), (.SQLITE_NOMEM, .unavailable),
        (.SQLITE_INTERNAL, .unavailable), (.SQLITE_INTERRUPT, .unavailable),
        (.SQLITE_MISUSE, .unavailable), (.SQLITE_TOOBIG, .unavailable),
        (.SQLITE_CORRUPT, .corrupt), (.SQLITE_CORRUPT_INDEX, .corrupt),
        (.SQLITE_NOTADB, .corrupt), (.SQLITE_IOERR_CORRUPTFS, .corrupt),
        (.SQLITE_IOERR_DATA, .corrupt), (.SQLITE_ERROR, .corrupt), (.SQLITE_SCHEMA, .corrupt),
        (.SQLITE_MISMATCH, .corrupt), (.SQLITE_CONSTRAINT_CHECK, .corrupt),
        (.SQLITE_CONSTRAINT_FOREIGNKEY, .corrupt), (.SQLITE_CONSTRAINT_NOTNULL, .corrupt),
    ])
    func everyResultHasItsCode(_ result: ResultCode, _ code: StoreError.Code) {
        let error = StoreError.translate(result, "what SQLite says", "/var/lib/store.db")
        #expect(error.code == code)
        #expect(error.detail.contains("/var/lib/store.db"))
        #expect(error.detail.contains("what SQLite says"))
        #expect(error.detail.contains("SQLite \(result.rawValue)"))
        #expect(error.detail.hasSuffix("."))
    }

    @Test(arguments: [("users.email", "address"), ("users.login", "login name")])
    func aConflictSaysWhatIsTaken(_ column: String, _ word: String) {
        let error = StoreError.translate(
            .SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: \(column)", "/x")
        #expect(error.code == .conflict)
        #expect(error.detail.contains(word))
    }

    @Test func anotherUniqueIndexIsNoConflictOfUsers() {
        let error = StoreError.translate(
            .SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: challenges.id", "/x")
        #expect(error.code == .corrupt)
    }

    /// GRDB keeps the values of a failed statement in its error; they stay there.
    @Test func valuesOfStatementsAreNotTold() {
        let error = DatabaseError(
            resultCode: .SQLITE_FULL, message: "full", sql: "SELECT ?", arguments: ["secret"])
        #expect(!"\(StoreError(error, at: "/x"))".contains("secret"))
    }

    @Test func anErrorOfOursStaysWhatItIs() {
        let error = StoreError(StoreError(.busy, "text"), at: "/x")
        #expect(error.code == .busy)
        #expect(error.detail == "text")
    }
}
