import DoorpostCore
import DoorpostTesting
import Foundation
import GRDB
import Testing

@testable import DoorpostSQLite

/// The file itself: its modes, its version, what the connection is set to.
@Suite struct SQLiteFileTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    /// Only its owner may read the store, whatever the umask. (umask is the process's, so the
    /// shell sets it for a process of its own.)
    @Test(arguments: ["000", "022", "077", "277"])
    func allFilesArePrivate(_ umask: String) throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let command = "umask \(umask); exec \"$0\" write \"$1\""
            let racer = try Racer(command: ["/bin/sh", "-c", command, Racer.program, path])
            _ = try #require(racer.line())
            for suffix in ["", "-wal", "-shm", ".lock"] {
                #expect(try mode(path + suffix) == 0o600, "\(suffix)")
            }
            racer.kill()
            _ = racer.rest()
        }
    }

    /// What root sets up belongs to the owner of the directory, so that the service can use it.
    @Test(.enabled(if: geteuid() == 0))
    func rootGivesTheFilesToTheOwnerOfTheDirectory() throws {
        try withDirectory { directory in
            #expect(chown(directory, 4711, 4712) == 0)
            let path = directory + "/store.db"
            let store = try SQLiteStore(path: path)
            try store.appendAudit(Samples.audit())
            for suffix in ["", "-wal", "-shm", ".lock"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
                #expect(attributes[.ownerAccountID] as? Int == 4711, "\(suffix)")
            }
        }
    }

    @Test func aMissingFileIsMadeOnlyOnRequest() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let error = storeError { _ = try SQLiteStore(path: path, create: false) }
            #expect(error?.code == .unavailable)
            #expect(error?.detail.contains(path) == true)
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(left.isEmpty)
            let lost = storeError { _ = try SQLiteStore(path: directory + "/no/store.db") }
            #expect(lost?.code == .unavailable)
        }
    }

    /// A crash between making the file and its tables leaves an empty one.
    @Test func anEmptyFileIsSetUp() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            #expect(FileManager.default.createFile(atPath: path, contents: Data()))
            let store = try SQLiteStore(path: path, create: false)
            try store.appendAudit(Samples.audit())
        }
    }

    /// Two names of one file must not lead to two locks.
    @Test func aSymbolicLinkLeadsToTheSameLock() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            _ = try SQLiteStore(path: path)
            let link = directory + "/link.db"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "store.db")
            let store = try SQLiteStore(path: link)
            #expect(store.path.hasSuffix("/store.db"))
            #expect(!FileManager.default.fileExists(atPath: link + ".lock"))
        }
    }

    @Test func theConnectionIsSetAsDocumented() throws {
        try withDirectory { directory in
            let store = try SQLiteStore(path: directory + "/store.db")
            let settings: [(String, String)] = [
                ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"),
                ("trusted_schema", "0"), ("secure_delete", "1"), ("temp_store", "2"),
                ("application_id", "\(0x446f_6f72)"), ("user_version", "7"),
            ]
            for (name, value) in settings {
                let found = try store.read { try String.fetchOne($0, sql: "PRAGMA \(name)") }
                #expect(found == value, "\(name)")
            }
            // With no mmap, or where SQLite was built without it: nothing.
            let mapped = try store.read { try Int.fetchOne($0, sql: "PRAGMA mmap_size") }
            #expect(mapped ?? 0 == 0)
        }
    }

    /// Closing the last connection writes the log back, under the lock, and takes it away.
    @Test func theLastConnectionLeavesNoLog() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            try SQLiteStore(path: path).appendAudit(Samples.audit())
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
            #expect(try SQLiteStore(path: path).auditTrail(AuditQuery()).count == 1)
        }
    }

    private func open(
        _ path: String, _ steps: [Migrations.Step], migrating: Bool = false
    ) throws -> SQLiteStore {
        try SQLiteStore(
            path: path, busyTimeout: .seconds(3), create: true,
            migrations: Migrations(steps: Migrations.current.steps + steps), migrating: migrating)
    }

    @Test func anOlderStoreIsMigratedOnRequestOnly() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let ada = try Samples.user("ada")
            try SQLiteStore(path: path).addUser(ada, audit: Samples.audit(.userAdded))
            let step = Migrations.Step(name: "3-shoes", sql: "CREATE TABLE shoes (size INTEGER)")
            let older = storeError { _ = try open(path, [step]) }
            #expect(older?.code == .schemaMismatch)
            #expect(older?.detail.contains("doorpost store migrate") == true)

            _ = try open(path, [step], migrating: true)
            #expect(try open(path, [step]).user(.id(ada.id)) == ada)
            // Again, and it stays as it is.
            _ = try open(path, [step], migrating: true)

            // To the Doorpost of before, the store is now too new; migrating does not help.
            for attempt in [
                { _ = try SQLiteStore(path: path) }, { try SQLiteStore.migrate(path: path) },
            ] as [() throws -> Void] {
                let newer = storeError(attempt)
                #expect(newer?.code == .schemaMismatch)
                #expect(newer?.detail.contains("this Doorpost is older than the store") == true)
            }
        }
    }

    @Test func aMigrationThatFailsChangesNothing() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            _ = try SQLiteStore(path: path)
            let step = Migrations.Step(
                name: "2-bad", sql: "CREATE TABLE shoes (size INTEGER); SELECT no_such_thing();")
            #expect(storeError { _ = try open(path, [step], migrating: true) } != nil)
            try SQLiteStore(path: path).appendAudit(Samples.audit())
            let tables = try withDatabase(path) {
                try String.fetchAll($0, sql: "SELECT name FROM sqlite_master")
            }
            #expect(!tables.contains("shoes"))
        }
    }

    @Test func aMissingStoreIsNotMigrated() throws {
        try withDirectory { directory in
            let error = storeError { try SQLiteStore.migrate(path: directory + "/store.db") }
            #expect(error?.code == .unavailable)
        }
    }

    /// A database of somebody else is left as it is, to the byte.
    @Test func aForeignDatabaseIsRefused() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            try withDatabase(path) { try $0.execute(sql: "CREATE TABLE recipes (name TEXT)") }
            let before = FileManager.default.contents(atPath: path)
            let error = storeError { _ = try SQLiteStore(path: path) }
            #expect(error?.code == .corrupt)
            #expect(FileManager.default.contents(atPath: path) == before)
        }
    }

    /// A code that was used, or whose user is gone, is nowhere in the file any more.
    @Test func theSecretsOfAConsumedChallengeAreErased() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let hash = [UInt8]("this is the hash of a code".utf8)
            let sealed = [UInt8]("this is a sealed mail".utf8)
            do {
                let store = try SQLiteStore(path: path)
                let ada = try Samples.user("ada")
                try store.addUser(ada, audit: Samples.audit(.userAdded))
                let start = Samples.start("c", for: ada.id) {
                    $0.codeHash = hash
                    $0.mail?.sealed = sealed
                }
                _ = try store.startChallenge(start)
                try store.mailSent(MailID("mail-c"), answer: "250", at: Samples.noon)
                let counted = try store.countAttempt(Samples.attempt("c", "a")).counted
                #expect(counted?.codeHash == hash)
                _ = try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
            }
            let bytes = try #require(FileManager.default.contents(atPath: path))
            #expect(bytes.range(of: Data("mail-c".utf8)) != nil)
            #expect(bytes.range(of: Data(hash)) == nil)
            #expect(bytes.range(of: Data(sealed)) == nil)
        }
    }

    /// With any number of users and old challenges, a login finds its rows by an index.
    @Test func noStatementOfALoginScansATable() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let statements = Statements()
            let store = try SQLiteStore(
                path: path, busyTimeout: .seconds(3), create: true, migrations: .current,
                migrating: false, trace: { statements.insert($0) })
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            statements.removeAll()
            for reference in [
                .id(ada.id), .email(ada.email), .login(try #require(ada.login)),
            ] as [UserReference] {
                _ = try store.user(reference)
            }
            let rule = LimitRule(
                .startsPerSource, key: LimitKey("s"), rates: [Rate(1000, per: .days(1))])
            for id in ["c1", "c2", "c3", "c4"] {
                _ = try store.startChallenge(
                    Samples.start(id, for: ada.id) {
                        $0.resumeKey = id == "c2" ? "resume-c1" : $0.resumeKey
                        $0.resendAfter = .seconds(id == "c4" ? 60 : 0)
                        $0.rules = [rule]
                    })
            }
            let later = Samples.noon + .seconds(60)
            _ = try store.resendChallenge(Samples.resend("c1", at: later))
            try store.endChallenge(Samples.end("c3"))
            try store.mailFailed(
                MailID("mail-c1"), answer: "450", retryAt: Samples.noon,
                audit: Samples.audit(.mailFailed))
            try store.mailSent(MailID("mail-c1"), answer: "250", at: later)
            _ = try store.countAttempt(Samples.attempt("c1", "a"))
            let rounds = Samples.rounds("c1") {
                $0.attemptsLeft = 2
                $0.rightAttempt = "a"
            }
            #expect(try store.keepRounds(rounds) != nil)
            _ = try store.consumeChallenge(Samples.consumption("c1", "a", user: ada.id))
            _ = try store.consumeChallenge(Samples.consumption("c1", "a", user: ada.id))
            // The web: a source that is looked up, a sign-up, refresh tokens, and a courier.
            let stranger = LimitRule(
                .mailsTotal, key: LimitKey("t"), rates: [Rate(1000, per: .days(1))],
                strangerRates: [Rate(500, per: .days(1))])
            let address = try Samples.user("eve").email
            _ = try store.startChallenge(
                Samples.signup("w", address) {
                    $0.sourceKey = "192.0.2.7"
                    $0.rules = [stranger]
                })
            _ = try store.claimDueMails(now: Samples.noon, until: later, limit: 9)
            _ = try store.claimMail(of: ChallengeID("w"), now: later, until: later)
            var signup = Samples.consumption("w", "w", newUser: address)
            signup.session.refreshGeneration = 0
            signup.session.sourceKey = "192.0.2.7"
            #expect(try store.consumeChallenge(signup) == .consumed)
            for (generation, now) in [(0, Samples.noon), (0, Samples.noon), (0, later)] {
                _ = try store.rotateRefresh(
                    Samples.rotation(generation, of: "session-w", at: now))
            }
            #expect(try store.session(SessionID("session-w"))?.revokedAt == later)
            _ = try store.mailStatistics()
            _ = try store.session(SessionID("session-a"))
            _ = try store.revokeSession(
                SessionID("session-a"), audit: Samples.audit(.sessionRevoked))
            _ = try store.outbox(includingSent: false, limit: 100)
            _ = try store.sessions(of: ada.id, now: later, limit: 100)
            _ = try store.updateUser(ada, audit: Samples.audit(.userChanged))
            _ = try store.purge(now: later + .minutes(5), limit: 100)
            _ = try store.deleteUser(ada.id, audit: Samples.audit(.userDeleted))

            let seen = statements.all.filter { sql in
                ["SELECT", "INSERT", "UPDATE", "DELETE"].contains { sql.hasPrefix($0) }
            }
            #expect(seen.count > 35)
            // A scan is only that of the row that INSERT … SELECT makes up, of the one row of
            // sqlite_sequence, or of the indexes that hold nothing but open or queued mails, or
            // bounced users.
            let allowed = [
                "SCAN sqlite_sequence",
                "SCAN CONSTANT ROW", "SCAN outbox USING INDEX outbox_open",
                "SCAN outbox USING INDEX outbox_queued",
                "SCAN users USING COVERING INDEX users_bounced",
            ]
            let indexes = [
                "outbox_queued", "outbox_unkept", "sessions_source", "challenges_end",
                "users_bounced",
            ]
            var plans = ""
            for sql in seen {
                let plan = try plan(of: sql, in: path)
                plans += plan.joined(separator: "\n")
                for step in plan where step.contains("SCAN") || step.contains("AUTOMATIC") {
                    let isSubquery = step.hasPrefix("SCAN (subquery")
                    #expect(isSubquery || allowed.contains(step), "\(sql)")
                }
            }
            for index in indexes { #expect(plans.contains(index), "\(index) is never used") }
        }
    }

    /// With any number of users, a page of a list costs an administrator's program no more.
    @Test func noPageOfAListScansATable() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let statements = Statements()
            let store = try SQLiteStore(
                path: path, busyTimeout: .seconds(3), create: true, migrations: .current,
                migrating: false, trace: { statements.insert($0) })
            statements.removeAll()
            let after = UserQuery.Position(text: "a", id: UserID("a"))
            for field in [UserQuery.Field.id, .email, .login, .name] {
                for match in [UserQuery.Match.anything, .exactly("a"), .prefix("a")] {
                    for after in [nil, after] {
                        _ = try store.users(UserQuery(by: field, match, after: after, limit: 9))
                    }
                }
            }
            _ = try store.users(UserQuery(isEnabled: false, limit: 9))
            _ = try store.users(UserQuery(isEnabled: false, after: after, limit: 9))
            _ = try store.groups(after: "a", limit: 9)
            _ = try store.users(inGroup: "a", after: UserID("a"), limit: 9)
            _ = try store.auditTrail(
                AuditQuery(before: 9, kinds: [.signedIn], user: UserID("a"), limit: 9))

            let seen = statements.all.filter { $0.hasPrefix("SELECT") }
            #expect(seen.count > 20)
            var plans = ""
            for sql in seen {
                let plan = try plan(of: sql, in: path).joined(separator: "\n")
                #expect(!plan.contains("SCAN"), "\(sql)\n\(plan)")
                // A page of members is put in order after it was found.
                let isSorted = sql.contains("group_members") || !plan.contains("TEMP B-TREE")
                #expect(isSorted, "\(sql)\n\(plan)")
                plans += plan
            }
            for index in ["users_name", "users_disabled", "audit_user"] {
                #expect(plans.contains(index), "\(index) is never used")
            }
        }
    }

    private func plan(of sql: String, in path: String) throws -> [String] {
        let nothing = [Int?](repeating: nil, count: parameters(sql))
        return try withDatabase(path) { db in
            try Row.fetchAll(
                db.makeStatement(sql: "EXPLAIN QUERY PLAN \(sql)"),
                arguments: StatementArguments(nothing)
            ).map { $0["detail"] as String }
        }
    }

    private func parameters(_ sql: String) -> Int {
        let numbered = (1...9).last { sql.contains("?\($0)") }
        return numbered ?? sql.count { $0 == "?" }
    }
}

/// The statements that a connection has executed.
private final class Statements: @unchecked Sendable {
    // Invariant: `texts` is only touched while `lock` is held.
    private let lock = NSLock()
    private var texts: Set<String> = []
    func insert(_ text: String) { lock.withLock { _ = texts.insert(text) } }
    func removeAll() { lock.withLock { texts = [] } }
    var all: [String] { lock.withLock { texts.sorted() } }
}
