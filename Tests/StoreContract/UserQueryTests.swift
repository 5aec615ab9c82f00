import DoorpostCore
import DoorpostTesting
import Testing

@Suite("Users that are looked for")
struct UserQueryTests {
    /// Five users: `b` may not sign in, `c` has neither login nor name, `d` and `e` share theirs.
    private func withPeople(_ kind: StoreKind, _ body: (any Store) throws -> Void) throws {
        try withStore(kind) { store in
            for name in ["e", "a", "c", "b", "d"] {
                var user = try Samples.user(name, isEnabled: name != "b")
                if name == "c" {
                    user.login = nil
                    user.name = nil
                }
                if name == "d" || name == "e" { user.name = "Zoë_" }
                try store.addUser(user, audit: Samples.audit(.userAdded))
            }
            try body(store)
        }
    }

    private func names(_ store: any Store, _ query: UserQuery) throws -> String {
        try store.users(query).map { String($0.id.text.dropFirst(3)) }.joined()
    }

    @Test("are found by what they are called", arguments: StoreKind.allCases)
    func fields(kind: StoreKind) throws {
        try withPeople(kind) { store in
            func found(_ field: UserQuery.Field, _ match: UserQuery.Match = .anything) throws
                -> String
            {
                try names(store, UserQuery(by: field, match, limit: 9))
            }
            let all = try found(.id)
            #expect(all == "abcde")
            #expect(try found(.email) == "abcde")
            #expect(try found(.login) == "abde")
            #expect(try found(.name) == "deab")
            #expect(try found(.id, .exactly("id-c")) == "c")
            #expect(try found(.email, .exactly("d@example.org")) == "d")
            #expect(try found(.email, .exactly("d@example")) == "")
            #expect(try found(.email, .prefix("d@example")) == "d")
            #expect(try found(.email, .prefix("_@example")) == "")
            #expect(try found(.login, .exactly("a")) == "a")
            #expect(try found(.login, .prefix("")) == "abde")
            #expect(try found(.name, .exactly("Zoë_")) == "de")
            #expect(try found(.name, .prefix("Zo")) == "de")
            #expect(try found(.name, .prefix("Zoe")) == "")
            #expect(try found(.name, .prefix("zo")) == "")
            #expect(try found(.name, .prefix("%")) == "")
        }
    }

    @Test("are found by whether they may sign in", arguments: StoreKind.allCases)
    func states(kind: StoreKind) throws {
        try withPeople(kind) { store in
            let enabled = try names(store, UserQuery(isEnabled: true, limit: 9))
            #expect(enabled == "acde")
            #expect(try names(store, UserQuery(isEnabled: false, limit: 9)) == "b")
        }
    }

    @Test(
        "come in pages", arguments: StoreKind.allCases,
        [UserQuery.Field.id, .email, .login, .name])
    func pages(kind: StoreKind, field: UserQuery.Field) throws {
        try withPeople(kind) { store in
            let all = try store.users(UserQuery(by: field, limit: 9))
            var query = UserQuery(by: field, limit: 1)
            var found: [User] = []
            while let next = try store.users(query).first {
                found.append(next)
                query.after = query.position(of: next)
            }
            #expect(found == all)
            #expect(try store.users(UserQuery(by: field, limit: 0)).isEmpty)
        }
    }
}

@Suite("Changes to a user as they are")
struct ChangeUserTests {
    private let later = Samples.noon + .seconds(9)

    @Test("are written with their record, or not at all", arguments: StoreKind.allCases)
    func changes(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let audit = Samples.audit(.userChanged, at: later)
            var renamed = ada
            renamed.name = "Ada L."
            renamed.modifiedAt = later
            #expect(
                try store.changeUser(ada.id, audit: audit) { $0.name = "Ada L." }
                    == .changed(renamed))
            #expect(try store.user(.id(ada.id)) == renamed)
            #expect(
                try store.changeUser(ada.id, audit: audit) { $0.name = "Ada L." }
                    == .unchanged(renamed))
            #expect(try store.changeUser(UserID("x"), audit: audit) { $0.name = "x" } == .gone)
            let eve = try Samples.user("eve")
            try store.addUser(eve, audit: Samples.audit(.userAdded))
            let error = storeError {
                _ = try store.changeUser(ada.id, audit: audit) { $0.email = eve.email }
            }
            #expect(error?.code == .conflict)
            #expect(try store.user(.id(ada.id)) == renamed)
            #expect(try store.auditKinds() == [.userAdded, .userChanged, .userAdded])
        }
    }

    @Test("end what they must", arguments: StoreKind.allCases)
    func ends(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try signInOnTheWeb(store, ada)
            let audit = Samples.audit(.userChanged, at: later)
            _ = try store.changeUser(ada.id, audit: audit) { $0.name = nil }
            #expect(try store.sessions(of: ada.id, now: later, limit: 9).count == 1)
            _ = try store.changeUser(ada.id, audit: audit) { $0.isEnabled = false }
            #expect(try store.sessions(of: ada.id, now: later, limit: 9).isEmpty)
        }
    }

    @Test("do not undo each other", arguments: StoreKind.allCases)
    func raced(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for name in (0..<16).map({ "g\($0)" }) {
                try store.addGroup(
                    UserGroup(name: name, createdAt: later), audit: Samples.audit(.groupAdded))
            }
            let results = race(16) { index in
                try? store.setMember(
                    ada.id, of: "g\(index)", to: true, audit: Samples.audit(.userChanged))
            }
            #expect(results.allSatisfy { $0 == .changed })
            #expect(try store.user(.id(ada.id))?.groups.count == ada.groups.count + 16)
        }
    }
}

@Suite("Parts of the audit trail")
struct AuditPartTests {
    @Test("are read backwards and by kind", arguments: StoreKind.allCases)
    func parts(kind: StoreKind) throws {
        try withStore(kind) { store in
            let ada = UserID("ada")
            for kind in [AuditEvent.Kind.signedIn, .userChanged, .codeWrong, .signedIn] {
                try store.appendAudit(Samples.audit(kind, user: ada))
            }
            try store.appendAudit(Samples.audit(.signedIn, user: UserID("eve")))
            func found(before: Int64? = nil, limit: Int = 9) throws -> [Int64] {
                try store.auditTrail(
                    AuditQuery(
                        before: before, kinds: [.signedIn, .codeWrong], user: ada, limit: limit)
                ).map(\.sequence)
            }
            #expect(try found() == [1, 3, 4])
            #expect(try found(limit: 2) == [3, 4])
            #expect(try found(before: 3) == [1])
            #expect(try found(before: 4, limit: 1) == [3])
            #expect(try found(before: 1).isEmpty)
        }
    }
}
