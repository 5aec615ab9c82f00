import DoorpostCore
import DoorpostTesting
import Foundation
import Testing

@testable import DoorpostPostgres

/// Two calls that meet in the middle, each at the point where it would hurt: what the races of
/// the contract meet by chance only.
@Suite struct PostgresRaceTests {
    let id = UserID("id-ada")

    /// While the user is held and being changed, `late` runs, and is seen to wait for that.
    ///
    /// - Returns: what came of `late`, which ended after the change.
    private func duringChange<T: Sendable>(
        _ store: PostgresStore, _ url: String, _ change: String,
        _ late: @escaping @Sendable () throws -> T
    ) throws -> T {
        let results = race(2) { thread in
            Result { () throws -> T? in
                if thread == 1 {
                    // Not before the user is held.
                    try wait(url, "SELECT count(*) FROM pg_locks WHERE \(Self.ours) AND granted")
                    return try late()
                }
                try store.write { db in
                    _ = try db.holdUser(UserID("id-ada"))
                    try wait(
                        url,
                        """
                        SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                            AND pid IN (SELECT pid FROM pg_locks WHERE \(Self.ours))
                        """)
                    try db.run(change, ["id-ada"])
                }
                return nil
            }
        }
        return try #require(try results.compactMap { try $0.get() }.first)
    }

    private static let ours = "relation = 'users'::regclass AND mode = 'RowShareLock'"

    private func wait(_ url: String, _ sql: String) throws {
        let end = ContinuousClock.now + .seconds(10)
        while try postgres(url, sql) == ["0"] {
            try #require(ContinuousClock.now < end, "it never came")
            usleep(5000)
        }
    }

    private func withStore(_ body: (PostgresStore, String) throws -> Void) throws {
        try PostgresServer.shared.get().withSchema { url in
            let store = try PostgresStore(
                PostgresAddress(url), connections: 4, patience: .seconds(20))
            try store.addUser(Samples.user("ada"), audit: Samples.audit(.userAdded))
            try body(store, url)
        }
    }

    @Test func whoIsDisabledMeanwhileDoesNotSignIn() throws {
        try withStore { (store, url) throws in
            _ = try store.startChallenge(Samples.start("c", for: id))
            let result = try duringChange(
                store, url, "UPDATE users SET enabled = false WHERE id = $1"
            ) { try store.consumeChallenge(Samples.consumption("c", "a", user: UserID("id-ada"))) }
            #expect(result == .userGone)
            #expect(try store.sessions(of: nil, now: Samples.noon, limit: 9).isEmpty)
        }
    }

    @Test func whoIsDisabledMeanwhileIsMailedNothing() throws {
        try withStore { (store, url) throws in
            let result = try duringChange(
                store, url, "UPDATE users SET enabled = false WHERE id = $1"
            ) { try store.startChallenge(Samples.start("c", for: UserID("id-ada"))) }
            #expect(result.started != nil)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
        }
    }

    @Test func whoIsDisabledMeanwhileIsNotRefreshed() throws {
        try withStore { (store, url) throws in
            try signInOnTheWeb(store, try #require(try store.user(.id(id))))
            let result = try duringChange(
                store, url, "UPDATE users SET enabled = false WHERE id = $1"
            ) { try store.rotateRefresh(Samples.rotation(0)) }
            #expect(result == .ended)
        }
    }

    @Test func ofTwoChangesNoneUndoesTheOther() throws {
        try withStore { (store, url) throws in
            let result = try duringChange(
                store, url, "UPDATE users SET name = 'Countess' WHERE id = $1"
            ) { try store.changeUser(UserID("id-ada"), audit: Samples.audit()) { $0.login = nil } }
            guard case .changed(let user) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(user.name == "Countess")
            #expect(user.login == nil)
        }
    }
}
