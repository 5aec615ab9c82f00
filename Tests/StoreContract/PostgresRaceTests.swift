import DoorpostCore
import DoorpostTesting
import Foundation
import Testing

@testable import DoorpostPostgres

/// Two calls that meet in the middle, each at the point where it would hurt: what the races of
/// the contract meet by chance only.
@Suite struct PostgresRaceTests {
    let id = UserID("id-ada")

    /// While a row of the table is held and being changed, `late` runs, and is seen to wait.
    ///
    /// - Returns: what came of `late`, which ended after the change.
    private func duringChange<T: Sendable>(
        _ store: PostgresStore, _ url: String, of table: String = "users", _ change: String,
        _ late: @escaping @Sendable () throws -> T
    ) throws -> T {
        let ours = "relation = '\(table)'::regclass AND mode = 'RowShareLock'"
        let results = race(2) { thread in
            Result { () throws -> T? in
                if thread == 1 {
                    // Not before it is held.
                    try wait(url, "SELECT count(*) FROM pg_locks WHERE \(ours) AND granted")
                    return try late()
                }
                try store.write { db in
                    _ = try db.rows("SELECT 1 FROM \(table) FOR UPDATE")
                    try wait(
                        url,
                        """
                        SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                            AND pid IN (SELECT pid FROM pg_locks WHERE \(ours))
                        """)
                    try db.run(change)
                }
                return nil
            }
        }
        return try #require(try results.compactMap { try $0.get() }.first)
    }

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
                store, url, "UPDATE users SET enabled = false"
            ) { try store.consumeChallenge(Samples.consumption("c", "a", user: UserID("id-ada"))) }
            #expect(result == .userGone)
            #expect(try store.sessions(of: nil, now: Samples.noon, limit: 9).isEmpty)
        }
    }

    @Test func whoIsDisabledMeanwhileIsMailedNothing() throws {
        try withStore { (store, url) throws in
            let result = try duringChange(
                store, url, "UPDATE users SET enabled = false"
            ) { try store.startChallenge(Samples.start("c", for: UserID("id-ada"))) }
            #expect(result.started != nil)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
        }
    }

    @Test func whoIsDisabledMeanwhileIsNotRefreshed() throws {
        try withStore { (store, url) throws in
            try signInOnTheWeb(store, try #require(try store.user(.id(id))))
            let result = try duringChange(
                store, url, "UPDATE users SET enabled = false"
            ) { try store.rotateRefresh(Samples.rotation(0)) }
            #expect(result == .ended)
        }
    }

    /// A mail that failed is kept when its code is used, without its text.
    @Test func aMailWhoseCodeIsUsedMeanwhileIsNotTaken() throws {
        try withStore { (store, url) throws in
            _ = try store.startChallenge(Samples.start("c", for: id))
            try store.mailFailed(
                MailID("mail-c"), answer: "550", retryAt: nil, audit: Samples.audit(.mailFailed))
            let result = try duringChange(
                store, url, of: "challenges", "UPDATE challenges SET consumed_at = created_at"
            ) {
                try store.claimMail(
                    of: ChallengeID("c"), now: Samples.noon, until: Samples.noon + .seconds(30))
            }
            #expect(result == nil)
        }
    }

    @Test func ofTwoChangesNoneUndoesTheOther() throws {
        try withStore { (store, url) throws in
            let result = try duringChange(
                store, url, "UPDATE users SET name = 'Countess'"
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
