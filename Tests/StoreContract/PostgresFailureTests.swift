import DoorpostCore
import DoorpostTesting
import Testing

@testable import DoorpostPostgres

/// What PostgreSQL says, what is done about it, and what the flow is told: the whole table.
@Suite struct PostgresFailureTests {
    @Test(arguments: [
        ("40001", Remedy.again, StoreError.Code.busy), ("40P01", .again, .busy),
        ("23503", .again, .corrupt),
        ("55P03", .again, .busy), ("57014", .none, .busy),
        ("08006", .elsewhere, .unavailable), ("08P01", .elsewhere, .unavailable),
        ("57P01", .elsewhere, .unavailable), ("57P02", .elsewhere, .unavailable),
        ("57P03", .elsewhere, .unavailable), ("53300", .elsewhere, .unavailable),
        ("25006", .elsewhere, .unavailable), ("0A000", .elsewhere, .unavailable),
        ("53100", .none, .unavailable), ("42501", .none, .unavailable),
        ("25P02", .none, .unavailable), ("XX000", .none, .unavailable),
        ("42P01", .none, .corrupt), ("42703", .none, .corrupt), ("22P02", .none, .corrupt),
        ("23502", .none, .corrupt), ("23505", .none, .corrupt), ("23514", .none, .corrupt),
        ("XX001", .none, .corrupt), ("XX002", .none, .corrupt),
        (PostgresFailure.lostState, .elsewhere, .unavailable),
        (PostgresFailure.refusedState, .elsewhere, .unavailable),
        (PostgresFailure.libraryState, .none, .unavailable),
    ])
    func everyStateHasItsRemedyAndItsCode(
        _ state: String, _ remedy: Remedy, _ code: StoreError.Code
    ) {
        let failure = PostgresFailure(state: state, message: "what PostgreSQL says")
        #expect(failure.remedy == remedy)
        let error = failure.storeError(at: "postgres://db/doorpost")
        #expect(error.code == code)
        #expect(error.detail.contains("what PostgreSQL says"))
    }

    @Test(arguments: [
        ("users_email_key", "address"), ("users_login_key", "login name"), ("users_pkey", "id"),
        ("user_groups_pkey", "group"), ("clients_name_key", "client"), ("api_keys_pkey", "key"),
    ])
    func aConflictSaysWhatIsTaken(_ constraint: String, _ word: String) {
        let failure = PostgresFailure(state: "23505", constraint: constraint, message: "")
        let error = failure.storeError(at: "x")
        #expect(error.code == .conflict)
        #expect(error.detail.contains(word))
    }

    /// After a COMMIT, only these leave it open whether it happened.
    @Test(arguments: [
        (PostgresFailure.lostState, true), ("08006", true), ("57P01", true), ("57014", false),
        ("40001", false), ("23505", false), (PostgresFailure.refusedState, false),
    ])
    func whatEndsAConnection(_ state: String, _ isEnd: Bool) {
        #expect(PostgresFailure(state: state, message: "").isEndOfConnection == isEnd)
    }

    /// What the server says of a row in its detail stays there.
    @Test func valuesOfRowsAreNotTold() throws {
        try withStore(.postgres) { store in
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            _ = try store.startChallenge(Samples.start("c-secret", for: ada.id))
            let error = storeError {
                _ = try store.startChallenge(
                    Samples.start("c-secret", for: nil) { $0.resumeKey = "another" })
            }
            #expect(error?.code == .corrupt)
            #expect(error?.detail.contains("23505") == true)
            #expect(error?.detail.contains("secret") == false)
        }
    }
}
