import DoorpostCore
import DoorpostTesting
import Testing

@Suite("Groups")
struct GroupTests {
    private let later = Samples.noon + .seconds(9)

    private func add(_ names: String..., to store: any Store) throws {
        for name in names {
            try store.addGroup(
                UserGroup(name: name, createdAt: Samples.noon), audit: Samples.audit(.groupAdded))
        }
    }

    @Test("are kept as they were added", arguments: StoreKind.allCases)
    func kept(kind: StoreKind) throws {
        try withStore(kind) { store in
            let full = UserGroup(
                name: "full", details: "é 'x'", precedence: 0, createdAt: Samples.noon)
            try store.addGroup(full, audit: Samples.audit(.groupAdded))
            try add("a", "z", "B", to: store)
            #expect(try store.group("full") == full)
            #expect(try store.group("Full") == nil)
            #expect(try store.groups(after: nil, limit: 9).map(\.name) == ["B", "a", "full", "z"])
            #expect(try store.groups(after: "a", limit: 1) == [full])
            #expect(try store.groups(after: "z", limit: 1).isEmpty)
            let twin = storeError { try add("a", to: store) }
            #expect(twin?.code == .conflict)
            #expect(twin?.detail.contains("group") == true)
            #expect(try store.auditKinds().count == 4)
        }
    }

    @Test("are there once somebody is in them", arguments: StoreKind.allCases)
    func given(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let given = try store.groups(after: nil, limit: 9)
            #expect(given.map(\.name) == ada.groups)
            var changed = ada
            changed.groups = ["new"]
            #expect(try store.updateUser(changed, audit: Samples.audit(.userChanged, at: later)))
            #expect(try store.group("new") == UserGroup(name: "new", createdAt: later))
            #expect(try store.group("admin") != nil)
            #expect(try store.users(inGroup: "admin", after: nil, limit: 9).isEmpty)
            #expect(try store.users(inGroup: "new", after: nil, limit: 9).map(\.id) == [ada.id])
            #expect(try store.deleteUser(ada.id, audit: Samples.audit(.userDeleted)))
            #expect(try store.users(inGroup: "new", after: nil, limit: 9).isEmpty)
            #expect(try store.group("new") != nil)
        }
    }

    @Test("take and lose members", arguments: StoreKind.allCases)
    func members(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try add("b", to: store)
            func set(_ isMember: Bool, _ user: UserID, _ group: String) throws -> MembershipResult {
                try store.setMember(
                    user, of: group, to: isMember, audit: Samples.audit(.userChanged, at: later))
            }
            #expect(try set(true, ada.id, "b") == .changed)
            #expect(try set(true, ada.id, "b") == .unchanged)
            let joined = try #require(try store.user(.id(ada.id)))
            #expect(joined.groups == ["admin", "b", "staff \"two\"\n"])
            #expect(joined.modifiedAt == later)
            #expect(try store.users(inGroup: "b", after: nil, limit: 9) == [joined])
            #expect(try set(true, ada.id, "c") == .noGroup)
            #expect(try set(true, UserID("x"), "b") == .noUser)
            #expect(try set(false, ada.id, "b") == .changed)
            #expect(try set(false, ada.id, "b") == .unchanged)
            #expect(try store.user(.id(ada.id))?.groups == ada.groups)
            #expect(try store.users(inGroup: "b", after: nil, limit: 9).isEmpty)
            #expect(
                try store.auditKinds() == [.userAdded, .groupAdded, .userChanged, .userChanged])
        }
    }

    @Test("go out of all who were in them", arguments: StoreKind.allCases)
    func removed(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let eve = try Samples.user("eve")
            try store.addUser(eve, audit: Samples.audit(.userAdded))
            let audit = Samples.audit(.groupRemoved, at: later)
            #expect(try store.removeGroup("admin", audit: audit))
            for user in [ada, eve] {
                var left = user
                left.groups = ["staff \"two\"\n"]
                left.modifiedAt = later
                #expect(try store.user(.id(user.id)) == left)
            }
            #expect(try store.group("admin") == nil)
            #expect(try !store.removeGroup("admin", audit: audit))
            #expect(try store.removeGroup("staff \"two\"\n", audit: audit))
            #expect(try store.user(.id(ada.id))?.groups == [])
            #expect(
                try store.auditKinds() == [.userAdded, .userAdded, .groupRemoved, .groupRemoved])
        }
    }

    @Test("list members in pages", arguments: StoreKind.allCases)
    func pages(kind: StoreKind) throws {
        try withStore(kind) { store in
            for name in ["c", "a", "b"] {
                try store.addUser(Samples.user(name), audit: Samples.audit(.userAdded))
            }
            let first = try store.users(inGroup: "admin", after: nil, limit: 2)
            #expect(first.map(\.id.text) == ["id-a", "id-b"])
            let rest = try store.users(inGroup: "admin", after: first.last?.id, limit: 2)
            #expect(rest.map(\.id.text) == ["id-c"])
        }
    }
}
