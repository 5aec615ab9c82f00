import DoorpostCore
import DoorpostTesting
import Testing

@Suite("Hosts that ask this Doorpost")
struct HostTests {
    private let now = Samples.noon

    private func host(_ id: String, _ name: String, at time: Timestamp = Samples.noon)
        -> EnrolledHost
    {
        EnrolledHost(id: HostID(id), name: name, keyHash: [0, 1, 255], createdAt: time)
    }

    private func add(_ host: EnrolledHost, to store: any Store) throws {
        try store.addHost(host, audit: Samples.audit(.hostAdded))
    }

    private func revoke(_ name: String, in store: any Store, at time: Timestamp) throws -> Bool {
        try store.revokeHost(named: name, audit: Samples.audit(.hostRevoked, at: time))
    }

    @Test("come and are found by their id", arguments: StoreKind.allCases)
    func kept(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            try add(host("a", "web1"), to: store)
            #expect(try store.host(HostID("a")) == host("a", "web1"))
            for other in ["A", "web1", "b", ""] { #expect(try store.host(HostID(other)) == nil) }
            #expect(try store.auditKinds() == [.hostAdded])
        }
    }

    @Test("stand in the order of their names, then of their making", arguments: StoreKind.allCases)
    func order(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            try add(host("d", "web1"), to: store)
            #expect(try revoke("web1", in: store, at: now + .seconds(1)))
            try add(host("c", "web1", at: now + .seconds(2)), to: store)
            try add(host("b", "db1"), to: store)
            // By its bytes: capitals come before small letters wherever the machine is.
            try add(host("a", "Zeus"), to: store)
            #expect(try store.hosts().map(\.id.text) == ["a", "b", "d", "c"])
        }
    }

    @Test("have one live credential a name, and an id once", arguments: StoreKind.allCases)
    func conflict(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            try add(host("a", "web1"), to: store)
            for twin in [host("b", "web1"), host("a", "web2")] {
                #expect(storeError { try add(twin, to: store) }?.code == .conflict)
            }
            #expect(try store.hosts() == [host("a", "web1")])
            #expect(try store.auditKinds() == [.hostAdded])
            // Names are compared byte by byte.
            try add(host("c", "WEB1"), to: store)
        }
    }

    @Test("are revoked once, and the name is free again", arguments: StoreKind.allCases)
    func revoked(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            try add(host("a", "web1"), to: store)
            let end = now + .minutes(1)
            #expect(try !revoke("web2", in: store, at: end))
            #expect(try revoke("web1", in: store, at: end))
            #expect(try !revoke("web1", in: store, at: now + .minutes(2)))
            #expect(try store.host(HostID("a"))?.revokedAt == end)
            try add(host("b", "web1", at: end), to: store)
            // The old credential stays revoked, and its id taken.
            #expect(try store.host(HostID("a"))?.revokedAt == end)
            #expect(try store.host(HostID("b"))?.revokedAt == nil)
            #expect(storeError { try add(host("a", "web3"), to: store) }?.code == .conflict)
            #expect(try revoke("web1", in: store, at: now + .minutes(3)))
            #expect(try store.hosts().map(\.revokedAt) == [end, now + .minutes(3)])
            #expect(
                try store.auditKinds() == [.hostAdded, .hostRevoked, .hostAdded, .hostRevoked])
        }
    }

    @Test("take their live sessions along, and no others", arguments: StoreKind.allCases)
    func sessions(kind: StoreKind) throws {
        try withAda(kind) { store, ada throws in
            try add(host("a", "web1"), to: store)
            func signIn(_ id: String, _ change: (inout LoginSession) -> Void) throws {
                _ = try store.startChallenge(
                    Samples.start("c-\(id)", for: ada.id) {
                        $0.mailRates = []
                        $0.maximumLive = 99
                        $0.resendAfter = .seconds(0)
                    })
                var consumption = Samples.consumption("c-\(id)", id, user: ada.id)
                change(&consumption.session)
                #expect(try store.consumeChallenge(consumption) == .consumed)
            }
            let end = now + .minutes(1)
            try signIn("there") { $0.host = "web1" }
            try signIn("elsewhere") { $0.host = "web11" }
            try signIn("on-the-web") {
                $0.host = "web1"
                $0.door = "web"
            }
            try signIn("expired") {
                $0.host = "web1"
                $0.expiresAt = end
            }
            try signIn("ended") { $0.host = "web1" }
            let before = now + .seconds(30)
            #expect(
                try store.revokeSession(
                    SessionID("session-ended"), audit: Samples.audit(.sessionRevoked, at: before)))
            #expect(try revoke("web1", in: store, at: end))
            func ended(_ id: String) throws -> Timestamp? {
                try store.session(SessionID("session-\(id)"))?.revokedAt
            }
            #expect(try ended("there") == end)
            #expect(try ended("ended") == before)
            for other in ["elsewhere", "on-the-web", "expired"] {
                #expect(try ended(other) == nil, "\(other)")
            }
        }
    }

    @Test("get one credential when two administrators add one", arguments: StoreKind.allCases)
    func raced(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            let added = race(8) { number in
                (try? add(host("id\(number)", "web1"), to: store)) != nil
            }
            #expect(added.filter(\.self).count == 1)
            let hosts = try store.hosts()
            #expect(hosts.count == 1)
        }
    }
}

@Suite("Who signed in from where")
struct KnownSourceTests {
    @Test("is known of one user and one source", arguments: StoreKind.allCases)
    func known(kind: StoreKind) throws {
        try withAda(kind) { store, ada throws in
            let bob = try Samples.user("bob")
            try store.addUser(bob, audit: Samples.audit(.userAdded))
            #expect(try !store.hasSignedIn(ada.id, from: "192.0.2.7"))
            // From 192.0.2.7.
            try signInOnTheWeb(store, ada)
            #expect(try store.hasSignedIn(ada.id, from: "192.0.2.7"))
            #expect(try !store.hasSignedIn(ada.id, from: "192.0.2.70"))
            #expect(try !store.hasSignedIn(ada.id, from: "host:h|192.0.2.7"))
            #expect(try !store.hasSignedIn(ada.id, from: ""))
            #expect(try !store.hasSignedIn(bob.id, from: "192.0.2.7"))
            #expect(try !store.hasSignedIn(UserID(""), from: "192.0.2.7"))
            // To come from there is enough; that the session lives is not asked.
            _ = try store.revokeSession(
                SessionID("session-a"), audit: Samples.audit(.sessionRevoked))
            #expect(try store.hasSignedIn(ada.id, from: "192.0.2.7"))
        }
    }
}
