import DoorpostCore
import DoorpostTesting
import Testing

@Suite struct UserTests {
    @Test(arguments: StoreKind.allCases)
    func aUserIsFoundByIdAddressAndLogin(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let login = try #require(ada.login)
            #expect(try store.user(.id(ada.id)) == ada)
            #expect(try store.user(.email(ada.email)) == ada)
            #expect(try store.user(.login(login)) == ada)
            let eve = try Samples.user("eve")
            #expect(try store.user(.id(eve.id)) == nil)
            #expect(try store.user(.email(eve.email)) == nil)
            #expect(try store.user(.login(try #require(LoginName("Ada")))) == nil)
            #expect(try store.auditKinds() == [.userAdded])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func everyFieldIsKept(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            var user = try Samples.user("eve", isEnabled: false)
            user.login = nil
            user.name = nil
            user.groups = []
            user.createdAt = Timestamp(milliseconds: -1)
            try store.addUser(user, audit: Samples.audit(.userAdded))
            #expect(try store.user(.id(user.id)) == user)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func addressLoginAndIdAreUnique(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let before = try store.snapshot()
            var eve = try Samples.user("eve")
            eve.email = ada.email
            let address = storeError {
                try store.addUser(eve, audit: Samples.audit(.userAdded))
            }
            #expect(address?.code == .conflict)
            #expect(address?.detail.contains("address") == true)
            #expect(address?.detail.contains("ada") == false)

            eve = try Samples.user("eve")
            eve.login = ada.login
            let login = storeError {
                try store.addUser(eve, audit: Samples.audit(.userAdded))
            }
            #expect(login?.code == .conflict)
            #expect(login?.detail.contains("login name") == true)

            eve = try Samples.user("eve")
            eve.id = ada.id
            #expect(
                storeError { try store.addUser(eve, audit: Samples.audit(.userAdded)) }?.code
                    == .conflict)
            #expect(try store.snapshot() == before)
            #expect(try store.auditKinds() == [.userAdded])
        }
    }

    /// Two users without a login name do not conflict.
    @Test(arguments: StoreKind.allCases)
    func manyMayHaveNoLogin(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            for name in ["ada", "eve"] {
                var user = try Samples.user(name)
                user.login = nil
                try store.addUser(user, audit: Samples.audit(.userAdded))
            }
            #expect(try store.users(after: nil, limit: 10).count == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func usersComeInTheOrderOfTheirAddresses(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            for name in ["m", "a-b", "z", "a_b", "a", "a.b"] {
                try store.addUser(Samples.user(name), audit: Samples.audit(.userAdded))
            }
            let all = try store.users(after: nil, limit: 10).map(\.email.canonical)
            let names = ["a-b", "a.b", "a", "a_b", "m", "z"]
            #expect(all == names.map { "\($0)@example.org" })
            let page = try store.users(after: Samples.user("a").email, limit: 2)
            #expect(page.map(\.id.text) == ["id-a_b", "id-m"])
            #expect(try store.users(after: Samples.user("z").email, limit: 2).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func anUpdateReplacesAllFields(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            var changed = try Samples.user("eve")
            changed.id = ada.id
            #expect(try store.updateUser(changed, audit: Samples.audit(.userChanged)))
            #expect(try store.user(.id(ada.id)) == changed)
            #expect(try store.user(.email(ada.email)) == nil)
            #expect(try store.auditKinds() == [.userAdded, .userChanged])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func anUpdateMayNotTakeWhatIsAnothers(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            var eve = try Samples.user("eve")
            try store.addUser(eve, audit: Samples.audit(.userAdded))
            let before = try store.snapshot()
            eve.email = ada.email
            #expect(
                storeError { _ = try store.updateUser(eve, audit: Samples.audit(.userChanged)) }?
                    .code == .conflict)
            eve = try Samples.user("eve")
            eve.login = ada.login
            #expect(
                storeError { _ = try store.updateUser(eve, audit: Samples.audit(.userChanged)) }?
                    .code == .conflict)
            #expect(try store.snapshot() == before)
            #expect(try store.auditKinds() == [.userAdded, .userAdded])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whoIsNotThereIsNotChangedAndNotDeleted(_ kind: StoreKind) throws {
        try withAda(kind) { store, _ in
            let eve = try Samples.user("eve")
            #expect(try !store.updateUser(eve, audit: Samples.audit(.userChanged)))
            #expect(try !store.deleteUser(eve.id, audit: Samples.audit(.userDeleted)))
            #expect(try store.auditKinds() == [.userAdded])
        }
    }

    /// What an administrator does must reach codes and sessions that are out already.
    @Test(arguments: StoreKind.allCases, ["disable", "address", "name"])
    func aChangeOfAddressOrDisablingEndsChallengesMailsAndSessions(
        _ kind: StoreKind, _ change: String
    ) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("old", for: ada.id))
            _ = try store.countAttempt(Samples.attempt("old", "a1"))
            _ = try store.consumeChallenge(Samples.consumption("old", "a1", user: ada.id))
            let later = Samples.noon + .seconds(10)
            _ = try store.startChallenge(Samples.start("c", for: ada.id, at: later))

            var changed = ada
            switch change {
            case "disable": changed.isEnabled = false
            case "address": changed.email = try Samples.user("eve").email
            default: changed.name = "Ada L."
            }
            let audit = Samples.audit(.userChanged, at: later)
            #expect(try store.updateUser(changed, audit: audit))

            let ends = change != "name"
            let sessions = try store.sessions(of: ada.id, now: later, limit: 9)
            #expect(sessions.isEmpty == ends)
            let revoked = try store.session(SessionID("session-a1"))?.revokedAt
            #expect(revoked == (ends ? later : nil))
            #expect(try store.outbox(includingSent: false, limit: 9).isEmpty == ends)
            let attempt = try store.countAttempt(Samples.attempt("c", "a2", at: later))
            #expect((attempt == .expired) == ends)
            let end = try store.consumeChallenge(
                Samples.consumption("c", "a2", user: ada.id, at: later))
            let expected: [String: ChallengeConsumptionResult] = [
                "disable": .userGone, "address": .expired, "name": .consumed,
            ]
            #expect(end == expected[change])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aDeletedUserLeavesOnlyTheAuditTrail(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("old", for: ada.id))
            _ = try store.countAttempt(Samples.attempt("old", "a1"))
            _ = try store.consumeChallenge(Samples.consumption("old", "a1", user: ada.id))
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            #expect(try store.deleteUser(ada.id, audit: Samples.audit(.userDeleted)))

            #expect(try store.snapshot() == Snapshot(users: [], outbox: [], sessions: []))
            #expect(try store.session(SessionID("session-a1")) == nil)
            #expect(try store.countAttempt(Samples.attempt("c", "a2")) == .unknown)
            let consumption = Samples.consumption("c", "a2", user: ada.id)
            #expect(try store.consumeChallenge(consumption) == .userGone)
            #expect(
                try store.auditKinds()
                    == [.userAdded, .codeRequested, .signedIn, .codeRequested, .userDeleted])
        }
    }
}
