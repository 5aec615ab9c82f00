import DoorpostCore
import DoorpostTesting
import Foundation
import Testing

@testable import DoorpostSQLite

/// Writes that waited together are committed together.
@Suite struct BatchTests {
    /// Runs the calls so that all of them wait while another process holds the lock.
    private func together<T: Sendable>(
        _ path: String, _ store: SQLiteStore, _ count: Int,
        _ body: @escaping @Sendable (Int) -> T
    ) throws -> [T] {
        let holder = try Racer("hold-lock", path)
        try holder.waitUntilReady()
        let gate = holder.gate
        let opener = Thread {
            let end = ContinuousClock.now + .seconds(20)
            while store.waitingWrites < count, .now < end { sched_yield() }
            try? gate.close()
        }
        opener.start()
        let results = race(count, body)
        #expect(holder.rest() == [])
        return results
    }

    private func open(_ path: String, _ trace: @escaping @Sendable (String) -> Void) throws
        -> SQLiteStore
    {
        try SQLiteStore(
            path: path, busyTimeout: .seconds(20), create: true, migrations: .current,
            migrating: false, trace: trace)
    }

    @Test func whatWaitedTogetherSharesOneCommit() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let commits = Counter()
            let store = try open(path) { if $0.hasPrefix("COMMIT") { commits.add() } }
            let before = commits.value
            let errors = try together(path, store, 16) { number in
                storeError { try store.appendAudit(Samples.audit(detail: "\(number)")) }
            }
            #expect(errors == Array(repeating: nil, count: 16))
            #expect(commits.value - before == 1)
            let details = try store.auditTrail(AuditQuery()).map(\.event.detail)
            #expect(Set(details) == Set((0..<16).map(String.init)))
        }
    }

    /// With a connection of its own for queries, a query is answered while a write still waits.
    @Test func aQueryDoesNotWaitForAWrite() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try SQLiteStore(
                path: path, busyTimeout: .seconds(20), readsApart: true)
            try store.appendAudit(Samples.audit(detail: "before"))
            let holder = try Racer("hold-lock", path)
            try holder.waitUntilReady()
            let writer = Thread { try? store.appendAudit(Samples.audit(detail: "after")) }
            writer.start()
            let end = ContinuousClock.now + .seconds(10)
            while store.waitingWrites == 0, .now < end { sched_yield() }
            #expect(try store.auditTrail(AuditQuery()).map(\.event.detail) == ["before"])
            #expect(store.waitingWrites == 1)
            try holder.gate.close()
            #expect(holder.rest() == [])
            while try store.auditTrail(AuditQuery()).count == 1, .now < end { sched_yield() }
            #expect(try store.auditTrail(AuditQuery()).count == 2)
        }
    }

    /// More than go into one commit.
    @Test func manyWritesAreAllMade() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try open(path) { _ in }
            let errors = try together(path, store, 150) { number in
                storeError { try store.appendAudit(Samples.audit(detail: "\(number)")) }
            }
            #expect(errors == Array(repeating: nil, count: 150))
            #expect(try store.auditTrail(AuditQuery()).count == 150)
        }
    }

    /// An error of one is that one's alone, and undoes all that it did and nothing else.
    @Test func aConflictFailsAlone() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try open(path) { _ in }
            let ada = try Samples.user("ada")
            let errors = try together(path, store, 16) { number in
                storeError {
                    var user = ada
                    user.id = UserID("id-\(number)")
                    if number % 4 > 0 { user = try Samples.user("u\(number)") }
                    try store.addUser(user, audit: Samples.audit(detail: "\(number)"))
                }
            }
            #expect(errors.compactMap(\.self).map(\.code) == [.conflict, .conflict, .conflict])
            #expect(try store.users(after: nil, limit: 99).count == 13)
            #expect(try store.auditTrail(AuditQuery()).count == 13)
        }
    }

    /// Fails at its second statement: the first is undone, and the neighbours are not.
    @Test func aCallThatFailsHalfwayLeavesNothing() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try open(path) { _ in }
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            let errors = try together(path, store, 8) { number in
                storeError {
                    _ = try store.startChallenge(
                        Samples.start("c\(number)", for: ada.id) {
                            $0.subject = "\(number)"
                            $0.mailKey = LimitKey("\(number)")
                            $0.mail?.id = MailID("mail-\(number / 4)")
                        })
                }
            }
            #expect(errors.compactMap(\.self).count == 6)
            let counted = try (0..<8).filter { number in
                try store.countAttempt(Samples.attempt("c\(number)", "\(number)")) != .unknown
            }
            #expect(counted.count == 2)
        }
    }
}

private final class Counter: @unchecked Sendable {
    // Invariant: `count` is only touched while `lock` is held.
    private let lock = NSLock()
    private var count = 0
    func add() { lock.withLock { count += 1 } }
    var value: Int { lock.withLock { count } }
}
