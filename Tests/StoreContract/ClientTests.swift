import DoorpostCore
import DoorpostTesting
import Testing

@Suite("App clients")
struct ClientTests {
    private let now = Samples.noon

    private func client(_ id: String, _ name: String) -> AppClient {
        AppClient(id: ClientID(id), name: name, createdAt: now)
    }

    @Test("are kept as they were added", arguments: StoreKind.allCases)
    func kept(kind: StoreKind) throws {
        try withStore(kind) { store in
            #expect(try store.clients().isEmpty)
            let plain = client("b", "zebra")
            let full = AppClient(
                id: ClientID("a"), name: "ape 'x'", sealedSecret: [0, 255, 7],
                flows: [.custom, .refresh], idLifetime: .minutes(5), accessLifetime: .hours(1),
                refreshLifetime: .days(3), sessionLifetime: .minutes(15),
                refreshGrace: .seconds(0), createdAt: now)
            let bare = AppClient(id: ClientID("c"), name: "Bare", flows: [], createdAt: now)
            for one in [plain, full, bare] {
                try store.addClient(one, audit: Samples.audit(.clientAdded))
                #expect(try store.client(one.id) == one)
            }
            #expect(try store.clients() == [bare, full, plain])
            #expect(try store.client(ClientID("A")) == nil)
            #expect(try store.auditKinds() == [.clientAdded, .clientAdded, .clientAdded])
        }
    }

    @Test("have ids and names of their own", arguments: StoreKind.allCases)
    func unique(kind: StoreKind) throws {
        try withStore(kind) { store in
            try store.addClient(client("a", "one"), audit: Samples.audit(.clientAdded))
            for twin in [client("a", "two"), client("b", "one")] {
                let error = storeError {
                    try store.addClient(twin, audit: Samples.audit(.clientAdded))
                }
                #expect(error?.code == .conflict)
            }
            #expect(try store.clients() == [client("a", "one")])
            #expect(try store.auditKinds() == [.clientAdded])
        }
    }

    @Test("take their own sessions along when they go", arguments: StoreKind.allCases)
    func removed(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try store.addClient(client("sshd", "one"), audit: Samples.audit(.clientAdded))
            try store.addClient(client("other", "two"), audit: Samples.audit(.clientAdded))
            try signInOnTheWeb(store, ada)
            let removal = Samples.audit(.clientRemoved, at: now + .seconds(5))
            #expect(try store.removeClient(ClientID("other"), audit: removal))
            #expect(try store.sessions(of: ada.id, now: now, limit: 9).count == 1)
            #expect(try store.removeClient(ClientID("sshd"), audit: removal))
            #expect(try store.sessions(of: ada.id, now: now, limit: 9).isEmpty)
            #expect(
                try store.session(SessionID("session-a"))?.revokedAt == now + .seconds(5))
            let before = try store.auditKinds()
            #expect(try !store.removeClient(ClientID("sshd"), audit: removal))
            #expect(try store.auditKinds() == before)
        }
    }

    @Test("refresh with tokens of their own only", arguments: StoreKind.allCases)
    func rotation(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try signInOnTheWeb(store, ada)
            var foreign = Samples.rotation(0)
            foreign.service = "another"
            #expect(try store.rotateRefresh(foreign) == .ended)
            #expect(try store.rotateRefresh(Samples.rotation(0)).generation == 1)
        }
    }
}

@Suite("Rounds of a challenge")
struct RoundTests {
    @Test("are each good for one attempt", arguments: StoreKind.allCases)
    func rounds(kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            func attempt(_ name: String, _ left: Int) throws -> ChallengeAttemptResult {
                try store.countAttempt(Samples.attempt("c", name) { $0.attemptsLeft = left })
            }
            #expect(try attempt("a", 2) == .unknown)
            #expect(try attempt("b", 4) == .unknown)
            #expect(try attempt("c", 3).counted?.attemptsLeft == 2)
            #expect(try attempt("d", 3) == .unknown)
            #expect(try attempt("e", 2).counted?.attemptsLeft == 1)
            #expect(try attempt("f", 1).counted?.attemptsLeft == 0)
            for left in 0...3 {
                #expect(try attempt("g", left) == (left == 0 ? .triesUsedUp : .unknown))
            }
        }
    }
}
