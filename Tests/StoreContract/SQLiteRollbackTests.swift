import DoorpostCore
import DoorpostTesting
import Foundation
import Testing

@testable import DoorpostSQLite

/// A file that was put back to what it once was, without `doorpost restore`.
@Suite struct SQLiteRollbackTests {
    private let noon = Samples.noon
    private static let first = Boot("11111111-2222-3333-4444-555555555555")
    private static let second = Boot("aaaaaaaabbbbccccddddeeeeeeeeeeee")

    /// Opens the store in a run of the kernel.
    private func open(_ path: String, in boot: Boot? = first) throws -> SQLiteStore {
        try SQLiteStore(
            path: path, busyTimeout: .seconds(3), create: true, migrations: .current,
            migrating: false, watch: RollbackWatch(boot: boot, now: noon + .seconds(9)))
    }

    /// Runs a test with a store in which ada has a session, and the code "live".
    private func withUse(_ body: (String) throws -> Void) throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            do {
                let store = try open(path)
                let ada = try Samples.user("ada")
                try store.addUser(ada, audit: Samples.audit(.userAdded))
                for id in ["done", "live"] {
                    let start = Samples.start(id, for: ada.id) {
                        $0.resumeKey = id
                        $0.resendAfter = .seconds(0)
                    }
                    #expect(try store.startChallenge(start).started != nil)
                }
                try use("done", "d", in: store)
            }
            try body(path)
        }
    }

    /// Signs ada in, with the session `session-ATTEMPT`.
    private func use(_ id: String, _ attempt: String, in store: SQLiteStore) throws {
        #expect(try store.countAttempt(Samples.attempt(id, attempt)).counted != nil)
        let consumption = Samples.consumption(id, attempt, user: UserID("id-ada"))
        #expect(try store.consumeChallenge(consumption) == .consumed)
    }

    private func mark(of path: String) throws -> Mark? {
        Mark([UInt8](try #require(FileManager.default.contents(atPath: path + ".lock"))))
    }

    private func setLockFile(_ bytes: [UInt8], of path: String) throws {
        // In its place: whoever has it open must see it.
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path + ".lock"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    /// What is live and what is told, of a store that was not rolled back.
    private func expectUntouched(_ store: SQLiteStore) throws {
        #expect(try store.countAttempt(Samples.attempt("live", "u")).counted?.attemptsLeft == 2)
        #expect(try store.outbox(includingSent: false, limit: 9).map(\.id.text) == ["mail-live"])
        #expect(try store.sessions(of: nil, now: noon, limit: 9).count == 1)
        #expect(try store.auditKinds().last == .signedIn)
    }

    private func expectEnded(_ store: SQLiteStore) throws {
        #expect(try store.countAttempt(Samples.attempt("live", "again")) == .unknown)
        #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
        #expect(try store.sessions(of: nil, now: noon, limit: 9).isEmpty)
        let record = try #require(try store.auditTrail(AuditQuery()).last?.event)
        #expect(record.kind == .storeRestored)
        #expect(record.at == noon + .seconds(9))
        #expect(record.detail.contains("put back"))
        #expect(try store.user(.id(UserID("id-ada"))) != nil)
    }

    /// The file alone, or with the log in which the newest of it stands.
    @Test(arguments: [false, true])
    func aCodeThatWasUsedSinceIsNotGoodAgain(_ withLog: Bool) throws {
        try withUse { path in
            let files = FileManager.default
            let suffixes = withLog ? ["", "-wal"] : [""]
            do {
                let store = try open(path)
                if withLog { try store.appendAudit(Samples.audit()) }
                for suffix in suffixes {
                    try files.copyItem(atPath: path + suffix, toPath: path + ".old" + suffix)
                }
                try use("live", "l", in: store)
                #expect(try store.revokeSession(SessionID("session-d"), audit: Samples.audit()))
            }
            try files.removeItem(atPath: path)
            for suffix in suffixes {
                try files.moveItem(atPath: path + ".old" + suffix, toPath: path + suffix)
            }
            try expectEnded(open(path))
            // Once is enough.
            let again = try open(path)
            #expect(try again.auditKinds().count { $0 == .storeRestored } == 1)
            #expect(try again.auditTrail(AuditQuery()).last?.sequence == mark(of: path)?.number)
        }
    }

    /// By other processes, too, and without a record where there is none to write.
    @Test func theMarkIsWhatWasCommittedLast() throws {
        try withUse { path in
            let store = try open(path)
            func last() throws -> Int64? { try store.auditTrail(AuditQuery()).last?.sequence }
            #expect(try mark(of: path) == Mark(number: try last() ?? 0, boot: Self.first))
            try store.appendAudit(Samples.audit())
            #expect(try mark(of: path)?.number == last())
            try store.mailSent(MailID("mail-live"), answer: "250", at: noon)
            #expect(try mark(of: path)?.number == last())
            let racer = try Racer("write", path)
            for _ in 0..<3 { _ = try #require(racer.line()) }
            racer.kill()
            _ = racer.rest()
            // Killed in the middle: at most the last commit is not in the mark.
            let kept = try #require(try mark(of: path)?.number)
            let committed = try #require(try last())
            #expect((committed - 1...committed).contains(kept))
            try store.checkWritable()
            #expect(try mark(of: path)?.number == last())
            try store.appendAudit(Samples.audit())
            #expect(try mark(of: path)?.number == last())
        }
    }

    /// Killed between the commit and the mark: the store is ahead.
    @Test func aMarkThatLagsBehindIsNoAlarm() throws {
        try withUse { path in
            let now = try #require(try mark(of: path))
            try setLockFile(Mark(number: now.number - 1, boot: now.boot).bytes, of: path)
            try expectUntouched(open(path))
            #expect(try mark(of: path) == now)
        }
    }

    /// A disk that was put back is booted from.
    @Test func noCodeOutlivesABoot() throws {
        try withUse { path in
            do {
                let store = try open(path, in: Self.second)
                let attempt = Samples.attempt("live", "l", at: noon + .seconds(9))
                #expect(try store.countAttempt(attempt) == .expired)
                #expect(try store.outbox(includingSent: false, limit: 9).isEmpty)
                #expect(try store.countAttempt(Samples.attempt("done", "x")) == .consumed)
                #expect(try store.sessions(of: nil, now: noon, limit: 9).count == 1)
                #expect(try store.auditKinds().last == .signedIn)
                let start = Samples.start("new", for: UserID("id-ada"), at: noon + .seconds(99))
                #expect(try store.startChallenge(start).started != nil)
            }
            // The same run again: what was started in it goes on.
            let store = try open(path, in: Self.second)
            let attempt = Samples.attempt("new", "n", at: noon + .seconds(99))
            #expect(try store.countAttempt(attempt).counted != nil)
        }
    }

    /// A server that cannot tell neither ends what others started, nor makes them end it.
    @Test func whoCannotTellTheBootEndsNothing() throws {
        try withUse { path in
            do { try open(path, in: nil).addUser(Samples.user("bob"), audit: Samples.audit()) }
            #expect(try mark(of: path)?.boot == Self.first)
            let store = try open(path)
            #expect(try store.countAttempt(Samples.attempt("live", "l")).counted != nil)
        }
    }

    /// Empty: an older Doorpost's. Anything else: damaged, or somebody's who does not know it.
    @Test(
        arguments: [
            "", "\0", String(repeating: "\0", count: 65), "doorpost 1 9\n",
            "doorpost 1 99999999999999999999 \(String(repeating: "-", count: 32))\n",
            "doorpost 1 -0000000000000000001 \(String(repeating: "-", count: 32))\n",
            "doorpost 2 00000000000000000099 \(String(repeating: "-", count: 32))\n",
            "doorpost 1 00000000000000000099 \(String(repeating: "x", count: 32))\n",
        ])
    func whatIsNoMarkIsNoAlarm(_ content: String) throws {
        try withUse { path in
            let before = try mark(of: path)
            try setLockFile(Array(content.utf8), of: path)
            try expectUntouched(open(path))
            #expect(try mark(of: path) == before)
        }
    }

    @Test func aMissingLockFileIsNoAlarm() throws {
        try withUse { path in
            try FileManager.default.removeItem(atPath: path + ".lock")
            try expectUntouched(open(path))
            #expect(try mark(of: path) != nil)
        }
    }

    /// The store of before was put aside, and its lock file lies there still.
    @Test func aNewStoreIsNotAnOldOne() throws {
        try withUse { path in
            try FileManager.default.moveItem(atPath: path, toPath: path + ".bad")
            let store = try open(path)
            #expect(try store.auditKinds().isEmpty)
            #expect(try mark(of: path)?.number == 0)
        }
    }

    /// `doorpost restore` has ended what had to be ended, and nothing else.
    @Test func aRestoredStoreIsNoAlarm() throws {
        try withUse { path in
            do {
                let store = try open(path)
                try store.backUp(to: path + ".copy")
                for _ in 0..<9 { try store.appendAudit(Samples.audit()) }
            }
            _ = try SQLiteStore.restore(
                path + ".copy", to: path, keepsSessions: true, audit: Samples.audit(.storeRestored))
            let store = try open(path, in: Boot.current)
            #expect(try store.sessions(of: nil, now: noon, limit: 9).count == 1)
            #expect(try store.auditKinds().count { $0 == .storeRestored } == 1)
            #expect(try store.auditTrail(AuditQuery()).last?.sequence == mark(of: path)?.number)
        }
    }

    /// Nor is a copy, whatever lay under its name before; and what was rolled back is not
    /// copied on as if it were not.
    @Test func aCopyIsNoAlarmAndRevivesNothing() throws {
        try withUse { path in
            let files = FileManager.default
            // As long as the kernel that we are in runs.
            do { _ = try SQLiteStore(path: path) }
            try files.copyItem(atPath: path, toPath: path + ".old")
            do {
                let store = try SQLiteStore(path: path)
                let start = Samples.start("more", for: UserID("id-ada")) {
                    $0.resendAfter = .seconds(0)
                }
                #expect(try store.startChallenge(start).started != nil)
                try use("more", "m", in: store)
            }
            let to = path + ".to"
            try Data(Mark(number: 5000, boot: Boot.current).bytes)
                .write(to: URL(fileURLWithPath: to + ".lock"))
            try copyStore(path, to)
            do {
                let store = try SQLiteStore(path: to)
                #expect(try store.auditKinds().last == .storeCopied)
                #expect(try store.sessions(of: nil, now: noon, limit: 9).count == 2)
            }
            try files.removeItem(atPath: path)
            try files.moveItem(atPath: path + ".old", toPath: path)
            try copyStore(path, path + ".third")
            let store = try SQLiteStore(path: path + ".third")
            #expect(try store.auditKinds().suffix(2) == [.storeRestored, .storeCopied])
            #expect(try store.sessions(of: nil, now: noon, limit: 9).isEmpty)
        }
    }

    @Test func theKernelTellsItsRun() throws {
        let boot = try #require(Boot.current)
        #expect(boot.text.utf8.count == 32)
        #expect(Boot.current == boot)
        #expect(Mark(Mark(number: .max, boot: boot).bytes) == Mark(number: .max, boot: boot))
        #expect(Mark(Mark(number: 0, boot: nil).bytes) == Mark(number: 0, boot: nil))
    }
}
