import DoorpostCore
import DoorpostTesting
import Testing

/// Who enters the code of a sign-up is a user from then on.
@Suite struct SignupTests {
    let noon = Samples.noon

    private var eve: EmailAddress {
        get throws { try Samples.user("eve").email }
    }

    private func withSignup(
        _ kind: StoreKind, _ body: (any Store, EmailAddress) throws -> Void
    ) throws {
        try withStore(kind) { store in
            let address = try eve
            #expect(try store.startChallenge(Samples.signup("c", address)).started != nil)
            try body(store, address)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theCodeIsMailedAndMakesTheUser(_ kind: StoreKind) throws {
        try withSignup(kind) { store, address in
            let mails = try store.outbox(includingSent: false, limit: 9)
            #expect(mails == [Samples.signup("c", address).mail])
            let counted = try #require(try store.countAttempt(Samples.attempt("c", "a")).counted)
            #expect(counted.user == nil)
            #expect(counted.signup == address)

            var consumption = Samples.consumption("c", "a", newUser: address)
            // What else a caller might wish for a stranger is not given.
            consumption.newUser?.login = LoginName("root")
            consumption.newUser?.groups = ["admin"]
            #expect(try store.consumeChallenge(consumption) == .consumed)
            let user = User(id: UserID("id-a"), email: address, createdAt: noon)
            #expect(try store.users(after: nil, limit: 9) == [user])
            #expect(try store.session(SessionID("session-a"))?.user == user.id)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
            let trail = try store.auditTrail(AuditQuery()).map(\.event)
            #expect(trail.map(\.kind) == [.codeRequested, .userAdded, .signedIn])
            #expect(trail[1].user == user.id)
            let again = Samples.consumption("c", "b", newUser: address)
            #expect(try store.consumeChallenge(again) == .alreadyConsumed)
            #expect(try store.users(after: nil, limit: 9) == [user])
        }
    }

    /// Added meanwhile by an administrator: the code signs that user in, and adds nobody.
    @Test(arguments: StoreKind.allCases)
    func whoIsThereByNowIsSignedIn(_ kind: StoreKind) throws {
        try withSignup(kind) { store, address in
            let user = try Samples.user("eve")
            try store.addUser(user, audit: Samples.audit(.userAdded))
            let consumption = Samples.consumption("c", "a", user: user.id)
            #expect(try store.consumeChallenge(consumption) == .consumed)
            #expect(try store.users(after: nil, limit: 9) == [user])
            #expect(try store.auditKinds() == [.codeRequested, .userAdded, .signedIn])
        }
    }

    @Test(
        arguments: StoreKind.allCases,
        [
            "expired", "other address", "other user's session", "disabled", "taken id", "nobody",
            "clock", "unknown", "decoy",
        ])
    func aRefusalAddsNobody(_ kind: StoreKind, _ reason: String) throws {
        try withSignup(kind) { store, address in
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            var consumption = Samples.consumption("c", "a", newUser: address)
            var expected = ChallengeConsumptionResult.userGone
            switch reason {
            case "expired":
                consumption.now = noon + .minutes(5)
                expected = .expired
            case "clock":
                consumption.now = noon - .seconds(61)
                expected = .expired
            case "other address":
                consumption.newUser?.email = try #require(EmailAddress("mallory@example.org"))
            case "other user's session": consumption.session.user = ada.id
            case "disabled":
                var user = try Samples.user("eve", isEnabled: false)
                user.id = UserID("id-a")
                try store.addUser(user, audit: Samples.audit(.userAdded))
            case "taken id":
                consumption.newUser?.id = ada.id
                consumption.session.user = ada.id
            case "nobody": consumption.newUser = nil
            case "unknown": consumption.challenge = ChallengeID("x")
            default:
                _ = try store.startChallenge(Samples.start("d", for: nil))
                consumption.challenge = ChallengeID("d")
            }
            let before = try store.snapshot()
            let trail = try store.auditKinds()
            #expect(try store.consumeChallenge(consumption) == expected)
            #expect(try store.snapshot() == before)
            #expect(try store.auditKinds() == trail)
        }
    }

    /// A challenge of a user in the pool adds nobody, whatever the caller says.
    @Test(arguments: StoreKind.allCases)
    func aUsersChallengeIsNoSignup(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let address = try eve
            let start = Samples.start("c", for: ada.id) { $0.signup = address }
            _ = try store.startChallenge(start)
            #expect(try store.countAttempt(Samples.attempt("c", "b")).counted?.signup == nil)
            var consumption = Samples.consumption("c", "a", user: ada.id)
            consumption.newUser = User(id: UserID("id-a"), email: address, createdAt: noon)
            #expect(try store.consumeChallenge(consumption) == .consumed)
            #expect(try store.users(after: nil, limit: 9) == [ada])
        }
    }

    /// Somebody who was in the pool when the caller looked, and is gone, is no sign-up.
    @Test(arguments: StoreKind.allCases)
    func whoIsGoneGetsADecoy(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let address = try eve
            let start = Samples.signup("c", address) { $0.user = UserID("gone") }
            #expect(try store.startChallenge(start).started != nil)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
            let consumption = Samples.consumption("c", "a", newUser: address)
            #expect(try store.consumeChallenge(consumption) == .userGone)
            #expect(try store.users(after: nil, limit: 9).isEmpty)
        }
    }

    private func startTwo(_ store: any Store, _ address: EmailAddress) throws {
        for id in ["c1", "c2"] {
            let start = Samples.signup(id, address) { $0.resendAfter = .seconds(0) }
            #expect(try store.startChallenge(start).started != nil)
        }
    }

    /// Two challenges of one address, both answered, many times at once: one user.
    @Test(arguments: StoreKind.allCases)
    func ofManyAtOnceOneIsAdded(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let address = try eve
            try startTwo(store, address)
            let results = try race(64) { thread in
                Result {
                    try store.consumeChallenge(
                        Samples.consumption("c\(thread % 2 + 1)", "\(thread)", newUser: address))
                }
            }.map { try $0.get() }
            #expect(results.filter { $0 == .consumed }.count == 1)
            let user = try #require(try store.user(.email(address)))
            #expect(try store.users(after: nil, limit: 9) == [user])
            #expect(try store.sessions(of: nil, now: noon, limit: 99).map(\.user) == [user.id])
            #expect(try store.auditKinds().filter { $0 == .userAdded }.count == 1)
            // The other challenge's code is good for that user still.
            let left = try ["c1", "c2"].map { challenge in
                try store.consumeChallenge(Samples.consumption(challenge, "l", user: user.id))
            }
            #expect(Set(left) == [.consumed, .alreadyConsumed])
        }
    }

    @Test(arguments: StoreKind.shared)
    func ofManyProcessesAtOnceOneAdds(_ kind: StoreKind) throws {
        try withPlace(kind) { place, store in
            try startTwo(store, try eve)
            let results = try Racer.race("signup", place, processes: 8, threads: 8)
            #expect(results["consumed"] == 1)
            #expect(results.values.reduce(0, +) == 64)
            #expect(try store.users(after: nil, limit: 9).count == 1)
        }
    }
}
