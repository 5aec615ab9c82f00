import DoorpostCore
import DoorpostTesting
import Foundation
import GRDB
import Testing

@testable import DoorpostSQLite

/// A store's copy, made while it is in use, and put back.
@Suite struct SQLiteBackupTests {
    private let noon = Samples.noon
    private let restored = Samples.audit(.storeRestored)

    /// A store with a user, a session of the challenge "done", and the live challenge "live".
    private func withUse(_ body: (String, SQLiteStore, User) throws -> Void) throws {
        try withDirectory { directory in
            let store = try SQLiteStore(path: directory + "/store.db")
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            for id in ["done", "live"] {
                let start = Samples.start(id, for: ada.id) {
                    $0.resumeKey = id
                    $0.resendAfter = .seconds(0)
                }
                #expect(try store.startChallenge(start).started != nil)
            }
            #expect(try store.countAttempt(Samples.attempt("done", "d")).counted != nil)
            let consumption = Samples.consumption("done", "d", user: ada.id)
            #expect(try store.consumeChallenge(consumption) == .consumed)
            try body(directory, store, ada)
        }
    }

    @Test func aCopyHoldsAllOfItAndIsForItsOwnerAlone() throws {
        try withUse { directory, store, ada in
            let copy = directory + "/copy.db"
            try store.backUp(to: copy)
            let attributes = try FileManager.default.attributesOfItem(atPath: copy)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(names.filter { $0.hasPrefix("copy") } == ["copy.db"])
            let other = try SQLiteStore(path: copy)
            #expect(try other.snapshot() == store.snapshot())
        }
    }

    @Test func nothingIsWrittenOver() throws {
        try withUse { directory, store, _ in
            let there = directory + "/there"
            #expect(FileManager.default.createFile(atPath: there, contents: Data("mine".utf8)))
            #expect(storeError { try store.backUp(to: there) }?.detail.contains("already") == true)
            #expect(FileManager.default.contents(atPath: there) == Data("mine".utf8))
            #expect(storeError { try store.backUp(to: directory + "/no/copy") } != nil)
        }
    }

    /// Every copy made beside a hundred writers' work is whole, and a moment of it.
    @Test func aCopyIsOneMoment() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/backup-\(UUID())"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try SQLiteStore(path: directory + "/store.db")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<25 {
                        let user = try Samples.user("u\(writer)x\(number)")
                        try store.addUser(user, audit: Samples.audit(.userAdded))
                    }
                }
            }
            group.addTask {
                for number in 0..<5 { try store.backUp(to: "\(directory)/\(number).db") }
            }
            try await group.waitForAll()
        }
        for number in 0..<5 {
            let copy = try SQLiteStore(path: "\(directory)/\(number).db")
            // A user and the record of it are one transaction.
            let users = try copy.users(after: nil, limit: 1000).count
            #expect(try copy.auditKinds().count == users)
        }
    }

    @Test func whatWasUsedOrEndedSinceIsNotGoodAgain() throws {
        try withUse { directory, store, ada in
            let copy = directory + "/copy.db"
            try store.backUp(to: copy)
            #expect(try store.countAttempt(Samples.attempt("live", "l")).counted != nil)
            #expect(
                try store.consumeChallenge(Samples.consumption("live", "l", user: ada.id))
                    == .consumed)
            let old = try SQLiteStore.restore(
                copy, to: directory + "/store.db", keepsSessions: false, audit: restored)
            #expect(old == directory + "/store.db.before-restore")
            let fresh = try SQLiteStore(path: directory + "/store.db", create: false)
            #expect(try fresh.user(.id(ada.id)) == ada)
            #expect(try fresh.countAttempt(Samples.attempt("live", "again")) == .unknown)
            #expect(try fresh.outbox(includingSent: true, limit: 9).isEmpty)
            #expect(try fresh.sessions(of: nil, now: noon, limit: 9).isEmpty)
            #expect(try fresh.auditKinds().last == .storeRestored)
            // Whoever has the old file open finds nobody a code any more.
            #expect(storeError { try store.appendAudit(Samples.audit()) }?.code == .unavailable)
            // What was committed since the backup is in the file that was kept.
            let kept = try SQLiteStore(path: try #require(old), create: false)
            #expect(try kept.sessions(of: nil, now: noon, limit: 9).count == 2)
        }
    }

    @Test func sessionsGoOnIfThatIsAskedFor() throws {
        try withUse { directory, store, _ in
            try store.backUp(to: directory + "/copy.db")
            _ = try SQLiteStore.restore(
                directory + "/copy.db", to: directory + "/store.db", keepsSessions: true,
                audit: restored)
            let fresh = try SQLiteStore(path: directory + "/store.db")
            #expect(try fresh.sessions(of: nil, now: noon, limit: 9).count == 1)
        }
    }

    @Test func theStoreThatWasInUseIsNeverLost() throws {
        try withUse { directory, store, ada in
            let copy = directory + "/copy.db"
            try store.backUp(to: copy)
            func restore() throws(StoreError) -> String? {
                try SQLiteStore.restore(
                    copy, to: directory + "/store.db", keepsSessions: false, audit: restored)
            }
            #expect(try restore() != nil)
            #expect(storeError { _ = try restore() }?.detail.contains("earlier restore") == true)
            let kept = try SQLiteStore(path: directory + "/store.db.before-restore")
            #expect(try kept.user(.id(ada.id)) == ada)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory)
                    .filter { $0.contains("restored") }.isEmpty)
        }
    }

    @Test func anOlderBackupIsBroughtUpToDate() throws {
        try withDirectory { directory in
            let old = Migrations(steps: Array(Migrations.current.steps.prefix(2)))
            _ = try SQLiteStore(
                path: directory + "/old.db", busyTimeout: .seconds(3), create: true,
                migrations: old, migrating: false)
            #expect(
                try SQLiteStore.restore(
                    directory + "/old.db", to: directory + "/store.db", keepsSessions: false,
                    audit: restored) == nil)
            let store = try SQLiteStore(path: directory + "/store.db", create: false)
            #expect(try store.auditKinds() == [.storeRestored])
        }
    }

    @Test(arguments: ["newer", "foreign", "empty", "text", "damaged", "missing"])
    func whatIsNoBackupIsRefusedAndTheStoreStays(_ kind: String) throws {
        try withUse { directory, store, _ in
            let path = directory + "/backup"
            switch kind {
            case "newer":
                try store.backUp(to: path)
                try DatabaseQueue(path: path).write {
                    try $0.execute(sql: "PRAGMA user_version = 99")
                }
            case "foreign":
                try DatabaseQueue(path: path).write {
                    try $0.execute(sql: "CREATE TABLE users (id TEXT)")
                }
            case "empty": _ = FileManager.default.createFile(atPath: path, contents: Data())
            case "text":
                let text = Data(String(repeating: "not a database ", count: 100).utf8)
                _ = FileManager.default.createFile(atPath: path, contents: text)
            case "damaged":
                try store.backUp(to: path)
                var bytes = try #require(FileManager.default.contents(atPath: path))
                for index in 4096..<(bytes.count - 4096) { bytes[index] = 0xa5 }
                try bytes.write(to: URL(fileURLWithPath: path))
            default: break
            }
            let before = try store.snapshot()
            let error = storeError {
                _ = try SQLiteStore.restore(
                    path, to: directory + "/store.db", keepsSessions: false, audit: restored)
            }
            #expect(error != nil)
            #expect(try store.snapshot() == before)
            try store.appendAudit(Samples.audit())
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(left.filter { $0.contains("restor") }.isEmpty)
        }
    }
}
