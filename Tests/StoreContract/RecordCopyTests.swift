import DoorpostCore
import DoorpostPostgres
import DoorpostSQLite
import DoorpostTesting
import Foundation
import GRDB
import Testing

/// Every way from one engine to another, and to itself.
struct CopyWay: CustomTestStringConvertible, Sendable {
    var from: StoreKind
    var to: StoreKind

    static let all = StoreKind.shared.flatMap { from in
        StoreKind.shared.map { CopyWay(from: from, to: $0) }
    }
    static let across = all.filter { $0.from != $0.to }

    var testDescription: String { "\(from) to \(to)" }

    /// Runs a test with a full store at the first place, which is closed, and nothing at the second.
    func withPlaces(_ body: (_ from: String, _ to: String) throws -> Void) throws {
        try withEmptyPlace(from) { from in
            try FullStore.fill(openStore(from))
            try withEmptyPlace(to) { to in try body(from, to) }
        }
    }
}

/// A pool that moves to another store.
@Suite struct RecordCopyTests {
    let noon = Samples.noon

    /// What the copy does not know would be lost without a word. Where a table is added, it goes
    /// into `RecordCollection.all`.
    @Test(arguments: StoreKind.shared)
    func noTableAndNoColumnIsForgotten(_ kind: StoreKind) throws {
        try withEmptyPlace(kind) { place in
            _ = try openStore(place)
            let own: Set<String>
            let found: [String]
            if kind == .sqlite {
                own = ["grdb_migrations", "sqlite_sequence"]
                found = try withDatabase(place) { db in
                    try String.fetchAll(
                        db,
                        sql: """
                            SELECT m.name || '.' || c.name FROM sqlite_master AS m,
                                pragma_table_info(m.name) AS c WHERE m.type = 'table'
                            """)
                }
            } else {
                // Rows that are held while something is counted, and what became of transactions.
                own = ["doorpost_schema", "locks", "commits"]
                found = try postgres(
                    place,
                    """
                    SELECT table_name || '.' || column_name FROM information_schema.columns
                    WHERE table_schema = current_schema()
                    """
                ).compactMap(\.self)
            }
            let known = RecordCollection.all.flatMap { collection in
                collection.fields.map { "\(collection.name).\($0.name)" }
            }
            #expect(
                Set(found.filter { !own.contains(String($0.prefix { $0 != "." })) })
                    == Set(known))
            #expect(Set(known).count == known.count)
        }
    }

    /// Else the tests below would show nothing of the field that is always missing.
    @Test(arguments: StoreKind.shared)
    func theFullStoreHasSomethingInEveryField(_ kind: StoreKind) throws {
        try withEmptyPlace(kind) { place in
            try FullStore.fill(openStore(place))
            let records = try allRecords(place)
            for collection in RecordCollection.all {
                for (index, field) in collection.fields.enumerated() {
                    let values = Set(records[collection.name, default: []].map { $0[index] })
                    let isThere = values.contains { $0 != .missing && $0 != .flag(false) }
                    #expect(isThere, "\(collection.name).\(field.name)")
                }
            }
        }
    }

    @Test(arguments: CopyWay.all)
    func everyRecordArrives(_ way: CopyWay) throws {
        try way.withPlaces { from, to in
            let before = try allRecords(from)
            let copied = try copyStore(from, to)
            #expect(copied.map(\.collection) == RecordCollection.all.map(\.name))
            for each in copied { #expect(each.count == before[each.collection]?.count) }
            var after = try allRecords(to)
            // The target's trail says where it comes from.
            let added = after["audit"]?.popLast()
            #expect(added?.contains(.text("store_copied")) == true)
            #expect(after == before)
            #expect(try allRecords(from) == before)
        }
    }

    /// There and back again: the file holds the same rows, as SQLite itself sees them.
    @Test func aRoundTripChangesNoRow() throws {
        try CopyWay(from: .sqlite, to: .postgres).withPlaces { from, over in
            try withEmptyPlace(.sqlite) { back in
                try copyStore(from, over)
                try copyStore(over, back)
                let first = try rows(from)
                var last = try rows(back)
                // The trail ends with the records of the two copies.
                last["audit"] = last["audit"]?.dropLast(2)
                #expect(first == last)
                #expect(try integrity(of: back) == ["ok"])
            }
        }
    }

    /// The rows of every table, each as text.
    private func rows(_ path: String) throws -> [String: [String]] {
        try withDatabase(path) { db in
            let names = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM sqlite_master
                    WHERE type = 'table' AND name NOT IN ('grdb_migrations', 'sqlite_sequence')
                    """)
            var rows: [String: [String]] = [:]
            for name in names {
                rows[name] = try Row.fetchAll(db, sql: "SELECT * FROM \(name) ORDER BY 1, 2")
                    .map { "\($0)" }
            }
            return rows
        }
    }

    @Test(arguments: CopyWay.across)
    func signInsThatWereBegunEndAfterTheMove(_ way: CopyWay) throws {
        try way.withPlaces { from, to in
            let last = try #require(try openStore(from).auditTrail(AuditQuery()).last).sequence
            try copyStore(from, to)
            let store = try openStore(to)
            let ada = UserID("id-ada")

            // A used code stays used, a wrong try stays counted, the right code is right.
            #expect(try store.countAttempt(Samples.attempt("done", "x")) == .consumed)
            let counted = try #require(try store.countAttempt(Samples.attempt("live", "l")).counted)
            #expect(counted.codeHash == [7, 7, 7])
            #expect(counted.attemptsLeft == 1)
            let consumption = Samples.consumption("live", "l", user: ada)
            #expect(try store.consumeChallenge(consumption) == .consumed)
            #expect(try store.consumeChallenge(consumption) == .alreadyConsumed)

            // Rounds go on, and a sign-up makes its user.
            let rounds = try #require(
                try store.countAttempt(Samples.attempt("rounds", "r")).counted)
            #expect(rounds.sealedRounds == [9, 9])
            let eve = try Samples.user("eve").email
            #expect(try store.countAttempt(Samples.attempt("signup", "s")).counted?.signup == eve)
            #expect(
                try store.consumeChallenge(Samples.consumption("signup", "s", newUser: eve))
                    == .consumed)

            // What was counted still counts.
            let refused = try store.startChallenge(
                Samples.start("more", for: ada) {
                    $0.resendAfter = .seconds(0)
                    $0.rules = [FullStore.usedUp]
                })
            #expect(refused.hit?.name == .failuresTotal)
            #expect(try !store.useSignature("signature", expiresAt: noon))

            // Sessions are what they were.
            #expect(
                try store.rotateRefresh(Samples.rotation(1, of: "session-web")).generation == 2)
            #expect(try store.session(SessionID("session-d"))?.revokedAt == noon)

            // Who follows the trail misses nothing, and sees nothing twice.
            let new = try store.auditTrail(AuditQuery(after: last))
            #expect(new.first?.event.kind == .storeCopied)
            #expect(new.map(\.sequence) == Array((last + 1)...(last + Int64(new.count))))
            // What a new challenge is numbered with is free.
            let again = Samples.start("new", for: UserID("id-eva"))
            #expect(try store.startChallenge(again).started != nil)
        }
    }

    /// The trail was purged, and its numbers are not used again all the same.
    @Test(arguments: CopyWay.across)
    func numbersGoOnAfterTheLastThatWasGiven(_ way: CopyWay) throws {
        try way.withPlaces { from, to in
            let last = try #require(try openStore(from).auditTrail(AuditQuery()).last).sequence
            let later = noon + .days(200)
            while try openStore(from).purge(now: later, limit: 1000) > 0 {}
            #expect(try openStore(from).auditTrail(AuditQuery()).isEmpty)
            try copyStore(from, to)
            #expect(try openStore(to).auditTrail(AuditQuery()).map(\.sequence) == [last + 1])
        }
    }

    @Test(arguments: CopyWay.all)
    func onlyAnEmptyStoreIsFilled(_ way: CopyWay) throws {
        try way.withPlaces { from, to in
            try openStore(to).appendAudit(Samples.audit())
            let before = try allRecords(to)
            #expect(storeError { try copyStore(from, to) }?.code == .refused)
            #expect(try allRecords(to) == before)
            // One that was set up, and not used, is.
            try withEmptyPlace(way.to) { fresh in
                _ = try openStore(fresh)
                try copyStore(from, fresh)
                // And then it is not empty any more.
                #expect(storeError { try copyStore(from, fresh) }?.code == .refused)
            }
        }
    }

    @Test(arguments: StoreKind.shared)
    func aMissingStoreIsNotCopiedNorMade(_ kind: StoreKind) throws {
        try withEmptyPlace(kind) { from in
            try withEmptyPlace(.sqlite) { to in
                #expect(storeError { try copyStore(from, to) }?.code == .unavailable)
                #expect(!FileManager.default.fileExists(atPath: to))
                #expect(storeError { _ = try openStore(from, create: false) } != nil)
            }
        }
    }

    /// What is done while it is copied, or by a server that goes on afterwards, would be lost.
    @Test(arguments: StoreKind.shared)
    func aStoreInUseIsNeitherCopiedNorFilled(_ kind: StoreKind) throws {
        try withEmptyPlace(kind) { place in
            try FullStore.fill(openStore(place))
            try withEmptyPlace(kind) { other in
                do {
                    let used = try openStore(place)
                    let error = storeError { _ = try openSource(place) }
                    #expect(error?.code == .busy)
                    #expect(error?.detail.contains("doorpost serve") == true)
                    _ = try used.users(after: nil, limit: 1)
                }
                do {
                    let used = try openStore(other)
                    #expect(storeError { try copyStore(place, other) }?.code == .busy)
                    _ = try used.users(after: nil, limit: 1)
                }
                try copyStore(place, other)
            }
        }
    }

    /// As long as it is copied nobody signs in: neither waits for ever, nor is written to.
    @Test(arguments: StoreKind.shared)
    func nobodyWritesWhileItIsCopied(_ kind: StoreKind) throws {
        try withEmptyPlace(kind) { place in
            try FullStore.fill(openStore(place))
            do {
                let source = try openSource(place)
                let error = storeError { try openStore(place).appendAudit(Samples.audit()) }
                #expect(error?.code == .busy)
                #expect(try source.count(of: .users) == 4)
            }
            try openStore(place).appendAudit(Samples.audit())
        }
    }

    @Test(arguments: StoreKind.shared)
    func twoCopiesIntoOneStoreAreNotMadeAtOnce(_ kind: StoreKind) throws {
        try withEmptyPlace(kind) { place in
            let first = try openTarget(place)
            #expect(storeError { _ = try openTarget(place) }?.code == .busy)
            #expect(try first.content() == .nothing)
        }
    }
}
