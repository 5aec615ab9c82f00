import DoorpostCore
import DoorpostSQLite
import DoorpostTesting
import Foundation
import Testing

@Suite struct ConcurrencyTests {
    @Test(arguments: StoreKind.allCases)
    func ofManyGuessesAtOnceThreeAreCounted(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let results = try race(64) { thread in
                Result {
                    try store.countAttempt(
                        Samples.attempt("c", "\(thread)") { $0.accountRates = [] })
                }
            }.map { try $0.get() }
            #expect(results.compactMap(\.counted).map(\.attemptsLeft).sorted() == [0, 1, 2])
            #expect(results.filter { $0 == .triesUsedUp }.count == 61)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func ofManyRightAnswersAtOnceOneConsumes(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let results = try race(64) { thread in
                Result {
                    try store.consumeChallenge(
                        Samples.consumption("c", "\(thread)", user: ada.id))
                }
            }.map { try $0.get() }
            #expect(results.filter { $0 == .consumed }.count == 1)
            #expect(results.filter { $0 == .alreadyConsumed }.count == 63)
            #expect(try store.sessions(of: ada.id, now: Samples.noon, limit: 99).count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func ofManyStartsOfOneSignInOneStarts(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let results = try race(100) { thread in
                Result {
                    try store.startChallenge(
                        Samples.start("\(thread)", for: ada.id) { $0.resumeKey = "r" })
                }
            }.map { try $0.get() }
            #expect(results.compactMap(\.started).count == 1)
            #expect(results.compactMap(\.resumed).count == 99)
            #expect(try store.outbox(includingSent: true, limit: 999).count == 1)
        }
    }

    /// A limit in common is a limit in common: of 64 starts of different subjects 10 pass.
    @Test(arguments: StoreKind.allCases)
    func aLimitIsNotOvertaken(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let rule = LimitRule(
                .failuresTotal, key: LimitKey("k"), rates: [Rate(10, per: .hours(1))])
            let results = try race(64) { thread in
                Result {
                    try store.startChallenge(
                        Samples.start("\(thread)", for: nil) {
                            $0.subject = "decoy:\(thread)"
                            $0.mailKey = LimitKey("\(thread)")
                            $0.rules = [rule]
                        })
                }
            }.map { try $0.get() }
            #expect(results.compactMap(\.started).count == 10)
            #expect(results.compactMap(\.hit).count == 54)
        }
    }
}

/// The same across processes: PAM helpers, the server and the administrator share one file.
@Suite struct ProcessTests {
    private func withChallenge(
        _ kind: StoreKind, _ body: (String, any Store) throws -> Void
    ) throws {
        try withPlace(kind) { place, store in
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            try body(place, store)
        }
    }

    @Test(arguments: StoreKind.shared)
    func ofManyGuessesAtOnceThreeAreCounted(_ kind: StoreKind) throws {
        try withChallenge(kind) { place, store in
            _ = try store.startChallenge(Samples.start("c", for: UserID("id-ada")))
            let results = try Racer.race("guess", place, processes: 8, threads: 8)
            #expect(results == ["counted": 3, "triesUsedUp": 61])
        }
    }

    @Test(arguments: StoreKind.shared)
    func ofManyRightAnswersAtOnceOneConsumes(_ kind: StoreKind) throws {
        try withChallenge(kind) { place, store in
            _ = try store.startChallenge(Samples.start("c", for: UserID("id-ada")))
            let results = try Racer.race("consume", place, processes: 8, threads: 8)
            #expect(results == ["consumed": 1, "alreadyConsumed": 63])
            #expect(try store.sessions(of: nil, now: Samples.noon, limit: 99).count == 1)
        }
    }

    @Test(arguments: StoreKind.shared)
    func ofManyStartsOfOneSignInOneStarts(_ kind: StoreKind) throws {
        try withChallenge(kind) { place, _ in
            let results = try Racer.race("start", place, processes: 10, threads: 10)
            #expect(results == ["started": 1, "resumed": 99])
        }
    }

    /// A limit in common is one for all machines: of 64 starts of different subjects 10 pass.
    @Test(arguments: StoreKind.shared)
    func aLimitIsNotOvertaken(_ kind: StoreKind) throws {
        try withPlace(kind) { place, store in
            let results = try Racer.race("limit", place, processes: 8, threads: 8)
            #expect(results == ["started": 10, "limited failuresTotal": 54])
            #expect(try store.auditKinds().filter { $0 == .limited }.count == 54)
        }
    }

    /// Nobody has the file open, and ten processes set it up at once.
    @Test func anEmptyFileIsSetUpOnce() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let racers = try (0..<10).map { _ in try Racer("list", path) }
            #expect(racers.flatMap { $0.rest() } == [])
            #expect(try SQLiteStore(path: path).auditTrail(AuditQuery()).isEmpty)
        }
    }

    /// What was acknowledged is there after `kill -9` at any point, the file is whole, and the
    /// lock of the dead is free.
    @Test func aKilledWriterLosesNothingAndHoldsNobodyUp() throws {
        try withDirectory(inMemory: true) { directory in
            let path = directory + "/store.db"
            var acknowledged: Set<String> = []
            for round in 0..<25 {
                let writers = try (0..<2).map { _ in try Racer("write", path) }
                for (number, writer) in writers.enumerated() {
                    for _ in 0...(round * 3 + number * 7) % 40 {
                        acknowledged.insert(try #require(writer.line()))
                    }
                }
                for writer in writers { writer.kill() }
                for writer in writers { acknowledged.formUnion(writer.rest()) }
                let store = try SQLiteStore(path: path, busyTimeout: .seconds(1))
                let trail = try store.auditTrail(AuditQuery(limit: .max))
                #expect(acknowledged.isSubset(of: trail.map(\.event.detail)))
            }
            #expect(acknowledged.contains { $0.hasPrefix("error") } == false)
            #expect(acknowledged.count > 500)
            #expect(try integrity(of: path) == ["ok"])
        }
    }
}
