import DoorpostCore
import DoorpostSQLite
import DoorpostTesting
import GRDB
import Testing

/// Families of refresh tokens.
@Suite struct RefreshTests {
    let noon = Samples.noon
    let tick = Span(milliseconds: 1)
    let id = SessionID("session-a")

    /// Ada with a web session that begins at noon.
    private func withSession(
        _ kind: StoreKind, _ body: (any Store, User) throws -> Void
    ) throws {
        try withAda(kind) { store, ada in
            try signInOnTheWeb(store, ada)
            try body(store, ada)
        }
    }

    /// Turns the family to this generation, the last time at `now`.
    private func turn(_ store: any Store, to generation: Int, at now: Timestamp) throws {
        for old in 0..<generation {
            #expect(try store.rotateRefresh(Samples.rotation(old, at: now)).generation == old + 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theNewestIsFollowedByTheNext(_ kind: StoreKind) throws {
        try withSession(kind) { store, ada in
            var session = try #require(try store.session(id))
            #expect(session.refreshGeneration == 0)
            #expect(session.refreshedAt == nil)
            for generation in 0..<3 {
                let now = noon + .hours(Int64(generation))
                session.refreshGeneration = generation + 1
                session.refreshedAt = now
                let result = try store.rotateRefresh(Samples.rotation(generation, at: now))
                #expect(result == .rotated(session, ada))
                #expect(try store.session(id) == session)
            }
            #expect(try store.auditKinds() == [.userAdded, .codeRequested, .signedIn])
        }
    }

    /// An answer that was lost, or two tabs: to the millisecond.
    @Test(arguments: StoreKind.allCases)
    func withinTheGraceTheNewestIsGivenAgain(_ kind: StoreKind) throws {
        try withSession(kind) { store, ada in
            let rotatedAt = noon + .hours(1)
            try turn(store, to: 1, at: rotatedAt)
            let session = try #require(try store.session(id))
            let last = rotatedAt + .seconds(30) - tick
            for now in [rotatedAt, rotatedAt + .seconds(1), last] {
                let result = try store.rotateRefresh(Samples.rotation(0, at: now))
                #expect(result == .repeated(session, ada))
            }
            #expect(try store.session(id) == session)
            // Whoever got the newest goes on with it.
            #expect(try store.rotateRefresh(Samples.rotation(1, at: last)).generation == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func afterTheGraceTheFamilyIsRevoked(_ kind: StoreKind) throws {
        try withSession(kind) { store, ada in
            let rotatedAt = noon + .hours(1)
            try turn(store, to: 1, at: rotatedAt)
            let now = rotatedAt + .seconds(30)
            #expect(try store.rotateRefresh(Samples.rotation(0, at: now)) == .reused)
            #expect(try store.session(id)?.revokedAt == now)
            let record = try #require(try store.auditTrail(AuditQuery()).last?.event)
            #expect(record == Samples.audit(.refreshReused, at: now, user: ada.id))
            // The thief's is dead, too, and that it is tried again is not written again.
            for generation in 0...2 {
                let result = try store.rotateRefresh(Samples.rotation(generation, at: now))
                #expect(result == .ended)
            }
            #expect(try store.auditKinds().filter { $0 == .refreshReused }.count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func anOlderGenerationIsReuseEvenWithinTheGrace(_ kind: StoreKind) throws {
        try withSession(kind) { store, _ in
            try turn(store, to: 2, at: noon)
            #expect(try store.rotateRefresh(Samples.rotation(0)) == .reused)
            #expect(try store.sessions(of: nil, now: noon, limit: 9).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aGraceOfNothingIsNone(_ kind: StoreKind) throws {
        try withSession(kind) { store, _ in
            try turn(store, to: 1, at: noon)
            var again = Samples.rotation(0)
            again.grace = .seconds(0)
            #expect(try store.rotateRefresh(again) == .reused)
        }
    }

    /// A generation that was never given out costs nobody the session.
    @Test(arguments: StoreKind.allCases)
    func whatIsNotOfTheFamilyIsRefused(_ kind: StoreKind) throws {
        try withSession(kind) { store, ada in
            try turn(store, to: 1, at: noon)
            let before = try store.snapshot()
            #expect(try store.rotateRefresh(Samples.rotation(2)) == .ended)
            #expect(try store.rotateRefresh(Samples.rotation(0, of: "x")) == .ended)
            // A PAM session has no refresh tokens.
            _ = try store.startChallenge(Samples.start("p", for: ada.id))
            _ = try store.consumeChallenge(Samples.consumption("p", "p", user: ada.id))
            #expect(try store.rotateRefresh(Samples.rotation(0, of: "session-p")) == .ended)
            #expect(try store.session(id) == before.sessions.first { $0.id == id })
            #expect(try store.auditKinds().contains(.refreshReused) == false)
        }
    }

    @Test(arguments: StoreKind.allCases, ["expired", "revoked", "disabled", "deleted"])
    func aSessionThatIsOverIsNotRefreshed(_ kind: StoreKind, _ end: String) throws {
        try withSession(kind) { store, ada in
            try turn(store, to: 1, at: noon)
            var now = noon + .seconds(1)
            switch end {
            case "expired":
                now = noon + .hours(12)
                let last = Samples.rotation(1, at: now - tick)
                #expect(try store.rotateRefresh(last).generation == 2)
            case "revoked":
                _ = try store.revokeSession(id, audit: Samples.audit(.sessionRevoked, at: now))
            case "disabled":
                var disabled = ada
                disabled.isEnabled = false
                _ = try store.updateUser(disabled, audit: Samples.audit(.userChanged, at: now))
            default: _ = try store.deleteUser(ada.id, audit: Samples.audit(.userDeleted))
            }
            for generation in 0...2 {
                let result = try store.rotateRefresh(Samples.rotation(generation, at: now))
                #expect(result == .ended, "\(generation)")
            }
            #expect(try store.auditKinds().contains(.refreshReused) == false)
        }
    }

    /// Somebody disabled behind the store's back, by a restored copy: the session alone is not
    /// enough.
    @Test func aLiveSessionOfADisabledUserIsNotRefreshed() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try SQLiteStore(path: path)
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            try signInOnTheWeb(store, ada)
            try withDatabase(path) { try $0.execute(sql: "UPDATE users SET enabled = 0") }
            #expect(try store.rotateRefresh(Samples.rotation(0)) == .ended)
        }
    }

    /// A little behind is another process's clock; more than a minute is a clock set back, after
    /// which nobody knows how long ago it was.
    @Test(arguments: StoreKind.allCases)
    func theClockMayRunBackAMinute(_ kind: StoreKind) throws {
        try withSession(kind) { store, _ in
            try turn(store, to: 1, at: noon + .hours(1))
            let minute = noon + .hours(1) - .seconds(60)
            let again = try store.rotateRefresh(Samples.rotation(0, at: minute))
            #expect(again.name == "repeated")
            let before = try store.rotateRefresh(Samples.rotation(0, at: minute - tick))
            #expect(before == .reused)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func ofManyAtOnceOneRotates(_ kind: StoreKind) throws {
        try withSession(kind) { store, _ in
            let results = try race(64) { _ in
                Result { try store.rotateRefresh(Samples.rotation(0)) }
            }.map { try $0.get() }
            #expect(results.filter { $0.name == "rotated" }.count == 1)
            #expect(results.filter { $0.name == "repeated" }.count == 63)
            // All of them hold the same child, and it lives.
            #expect(Set(results.map(\.generation)) == [1])
            #expect(try store.rotateRefresh(Samples.rotation(1)).generation == 2)
        }
    }

    @Test(arguments: StoreKind.shared)
    func ofManyProcessesAtOnceOneRotates(_ kind: StoreKind) throws {
        try withPlace(kind) { place, store in
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            try signInOnTheWeb(store, ada)
            let results = try Racer.race("refresh", place, processes: 8, threads: 8)
            #expect(results == ["rotated": 1, "repeated": 63])
            #expect(try store.session(id)?.refreshGeneration == 1)
        }
    }
}

/// Begins the web session `session-a`.
func signInOnTheWeb(_ store: any Store, _ user: User) throws {
    _ = try store.startChallenge(Samples.start("web", for: user.id) { $0.mailRates = [] })
    var consumption = Samples.consumption("web", "a", user: user.id)
    consumption.session.door = "web"
    consumption.session.sourceKey = "192.0.2.7"
    consumption.session.refreshGeneration = 0
    #expect(try store.consumeChallenge(consumption) == .consumed)
}

extension RefreshRotationResult {
    var name: String {
        switch self {
        case .rotated: "rotated"
        case .repeated: "repeated"
        case .reused: "reused"
        case .ended: "ended"
        }
    }

    /// Which token it gives out.
    var generation: Int? {
        switch self {
        case .rotated(let session, _), .repeated(let session, _): session.refreshGeneration
        case .reused, .ended: nil
        }
    }
}
