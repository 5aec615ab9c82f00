import DoorpostCore
import DoorpostTesting
import Foundation
import GRDB
import Testing

@testable import DoorpostSQLite

/// Real faults: locks held by other processes, damaged files, file systems that are full or
/// read-only. Those need a mount, made in a mount namespace of the racer's own: it is gone
/// with the process.
@Suite struct SQLiteFaultTests {
    /// Fails unless the body throws this error within the time.
    private func expect(
        _ code: StoreError.Code, within limit: Duration = .seconds(30),
        atLeast: Duration = .zero, saying text: String, _ body: () throws -> Void
    ) {
        let begin = ContinuousClock.now
        let error = storeError(body)
        let time = begin.duration(to: .now)
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(error?.detail.contains(text) == true, "\(String(describing: error))")
        #expect(time < limit && time >= atLeast, "\(time)")
    }

    /// Whoever holds the lock, and however: a call gives up when its time is over, and the
    /// store works again when the holder has gone.
    @Test(arguments: ["hold-lock", "hold-database"])
    func aHeldLockMakesTheStoreBusy(_ mode: String) throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try SQLiteStore(path: path, busyTimeout: Span(milliseconds: 400))
            try store.appendAudit(Samples.audit())
            let holder = try Racer(mode, path)
            try holder.waitUntilReady()
            expect(
                .busy, within: .seconds(1), atLeast: .milliseconds(400), saying: "fuser \(path)"
            ) { try store.appendAudit(Samples.audit()) }
            // Readers wait for nobody.
            #expect(try store.auditTrail(AuditQuery()).count == 1)
            // Many callers at once wait together, not one after the other.
            let begin = ContinuousClock.now
            let codes = race(16) { _ in
                storeError { try store.appendAudit(Samples.audit()) }?.code
            }
            #expect(codes == Array(repeating: .busy, count: 16))
            #expect(begin.duration(to: .now) < .seconds(2))
            if mode == "hold-lock" {
                expect(.busy, within: .seconds(1), saying: ".lock") {
                    _ = try SQLiteStore(path: path, busyTimeout: Span(milliseconds: 200))
                }
            }
            try holder.go()
            #expect(holder.rest() == [])
            try store.appendAudit(Samples.audit())
        }
    }

    /// As the configuration has it: an answer within three seconds, and a little.
    @Test func theDefaultPatienceIsThreeSeconds() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try SQLiteStore(path: path)
            let holder = try Racer("hold-database", path)
            try holder.waitUntilReady()
            expect(.busy, within: .milliseconds(3500), atLeast: .seconds(3), saying: path) {
                try store.appendAudit(Samples.audit())
            }
            try holder.go()
            _ = holder.rest()
        }
    }

    /// A lock file that somebody deleted or replaced does not let two writers in.
    @Test func aReplacedLockFileIsNoticed() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try SQLiteStore(path: path, busyTimeout: Span(milliseconds: 200))
            try FileManager.default.removeItem(atPath: path + ".lock")
            try store.appendAudit(Samples.audit())
            let holder = try Racer("hold-lock", path)
            try holder.waitUntilReady()
            expect(.busy, saying: ".lock") { try store.appendAudit(Samples.audit()) }
            try holder.go()
            _ = holder.rest()
        }
    }

    @Test(arguments: [1, 100, 5000])
    func whatIsNotADatabaseIsLeftAlone(_ size: Int) throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let junk = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) })
            try junk.write(to: URL(fileURLWithPath: path))
            expect(.corrupt, saying: path) { _ = try SQLiteStore(path: path) }
            #expect(FileManager.default.contents(atPath: path) == junk)
        }
    }

    @Test func aDirectoryIsNoStore() throws {
        try withDirectory { directory in
            expect(.unavailable, saying: directory) { _ = try SQLiteStore(path: directory) }
            try? FileManager.default.removeItem(atPath: directory + ".lock")
        }
    }

    /// Overwritten and cut-off pages: said so, and the file is kept as it is.
    @Test(arguments: ["page", "end"])
    func aDamagedStoreIsRefusedAndKept(_ damage: String) throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            do {
                let store = try SQLiteStore(path: path)
                for number in 0..<50 {
                    let user = try Samples.user("u\(number)")
                    try store.addUser(user, audit: Samples.audit(.userAdded, user: user.id))
                }
            }
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            let size = Int(try file.seekToEnd())
            if damage == "page" {
                for page in 1..<size / 4096 {
                    try file.seek(toOffset: UInt64(page * 4096))
                    try file.write(contentsOf: Data(repeating: 0xa5, count: 4096))
                }
            } else {
                try file.truncate(atOffset: 4096 * 2)
            }
            try file.close()
            let before = FileManager.default.contents(atPath: path)
            expect(.corrupt, saying: "doorpost store restore") {
                let store = try SQLiteStore(path: path)
                _ = try store.user(.id(Samples.user("u7").id))
                try store.appendAudit(Samples.audit())
            }
            #expect(FileManager.default.contents(atPath: path) == before)
        }
    }

    /// A value that no Doorpost writes is not guessed at.
    @Test(arguments: [
        "UPDATE users SET email = 'Ada@Example.org'", "UPDATE users SET login = '../x'",
        "UPDATE users SET group_names = '{'", "DROP TABLE users",
    ])
    func aRowChangedByOtherMeansIsCorrupt(_ sql: String) throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try SQLiteStore(path: path)
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            try withDatabase(path) { try $0.execute(sql: "PRAGMA foreign_keys = OFF; \(sql)") }
            expect(.corrupt, saying: "restore") { _ = try store.user(.id(ada.id)) }
        }
    }

    // MARK: File systems

    /// Whether this test may make mounts: root with a mount namespace of its own.
    static let mayMount: Bool = {
        let racer = try? Racer(command: ["/usr/bin/unshare", "-m", "/bin/echo", "yes"])
        return racer?.rest() == ["yes"]
    }()

    /// Runs a script with `$D`, a directory, and `$R`, the racer, in a mount namespace.
    private func mounted(_ directory: String, _ script: String) throws -> [String] {
        let command = "D=$1 R=$2; \(script)"
        return try Racer(command: [
            "/usr/bin/unshare", "-m", "/bin/sh", "-ec", command, "sh", directory, Racer.program,
        ]).rest()
    }

    /// What was acknowledged before the disk was full is there, what was not is not, and when
    /// there is room again the store goes on.
    @Test(.enabled(if: mayMount))
    func aFullDiskLosesNothing() throws {
        try withDirectory { directory in
            let lines = try mounted(
                directory,
                """
                mount -t tmpfs -o size=1m tmpfs "$D"
                "$R" fill "$D/store.db"
                echo ==
                mount -o remount,size=4m "$D"
                "$R" list "$D/store.db"
                """)
            let parts = lines.split(separator: "==").map(Array.init)
            try #require(parts.count == 2, "\(lines)")
            let error = try #require(parts[0].last)
            #expect(error.hasPrefix("error unavailable"), "\(error)")
            #expect(error.contains("full"), "\(error)")
            #expect(parts[0].count > 10)
            #expect(Array(parts[0].dropLast()) == parts[1])
        }
    }

    /// Before a login finds out, and not for longer than it is so.
    @Test(.enabled(if: mayMount))
    func aCheckTellsAFullDisk() throws {
        try withDirectory { directory in
            let lines = try mounted(
                directory,
                """
                mount -t tmpfs -o size=1m tmpfs "$D"
                "$R" check "$D/store.db"
                "$R" check-full "$D/store.db"
                mount -o remount,size=4m "$D"
                "$R" check "$D/store.db"
                """)
            try #require(lines.count == 3, "\(lines)")
            #expect(lines[0] == "writable")
            #expect(lines[1].hasPrefix("error unavailable"), "\(lines[1])")
            #expect(lines[2] == "writable")
        }
    }

    /// The next sign-in may need a page that is not there.
    @Test(.enabled(if: mayMount))
    func aCheckTellsAFullDiskThoughTheLogHasRoom() throws {
        try withDirectory { directory in
            let lines = try mounted(
                directory,
                """
                mount -t tmpfs -o size=4m tmpfs "$D"
                "$R" check-ballast "$D/store.db"
                rm "$D/store.db.ballast"
                "$R" check "$D/store.db"
                stat -c %s "$D/store.db.lock"
                """)
            try #require(lines.count == 4, "\(lines)")
            #expect(lines[0] == "written")
            #expect(lines[1].hasPrefix("error unavailable"), "\(lines[1])")
            #expect(lines[2] == "writable")
            #expect(lines[3] == "65")
        }
    }

    /// Also by a store that was open before.
    @Test
    func aCheckTellsALockedStore() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try SQLiteStore(path: path, busyTimeout: Span(milliseconds: 200))
            try store.checkWritable()
            let holder = try Racer("hold-lock", path)
            #expect(holder.line() == "ready")
            expect(.busy, saying: path) { try store.checkWritable() }
            holder.kill()
            _ = holder.rest()
            try store.checkWritable()
        }
    }

    @Test(.enabled(if: mayMount))
    func aFullDiskHoldsNoNewStore() throws {
        try withDirectory { directory in
            let lines = try mounted(
                directory,
                """
                mount -t tmpfs -o size=16k tmpfs "$D"
                "$R" fill "$D/store.db"
                """)
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix("error unavailable") == true, "\(lines)")
        }
    }

    /// With and without files of SQLite's beside it: never a success on a counter that cannot
    /// be written.
    @Test(.enabled(if: mayMount), arguments: ["closed", "killed", "missing"])
    func aReadOnlyFileSystemIsUnavailable(_ before: String) throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            if before != "missing" {
                let writer = try Racer("write", path)
                _ = try #require(writer.line())
                writer.kill()
                _ = writer.rest()
            }
            if before == "closed" { _ = try SQLiteStore(path: path) }
            let lines = try mounted(
                directory,
                """
                mount --bind "$D" "$D"
                mount -o remount,ro,bind "$D"
                "$R" fill "$D/store.db"
                """)
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix("error unavailable") == true, "\(lines)")
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func anotherUsersFileIsUnavailable() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            _ = try SQLiteStore(path: path)
            #expect(chmod(directory, 0o755) == 0)
            let racer = try Racer(command: [
                "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--",
                Racer.program, "fill", path,
            ])
            let lines = racer.rest()
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix("error unavailable") == true, "\(lines)")
        }
    }
}
