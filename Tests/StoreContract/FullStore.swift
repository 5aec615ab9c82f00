import DoorpostCore
import DoorpostTesting
import Testing

/// A store in use, with something in every field that a store has.
struct FullStore {
    static let noon = Samples.noon
    /// Under which ten failures were counted, of ten that may be.
    static let usedUp = LimitRule(
        .failuresTotal, key: LimitKey("used-up"), rates: [Rate(2, per: .days(1))])

    /// Fills an empty store: the challenge "live" was mailed to ada, of "done" the code was used,
    /// "rounds" is in the middle of its rounds, `session-web` is a family of refresh tokens in its
    /// second generation, and "signup" waits for eve.
    static func fill(_ store: any Store) throws {
        try addUsers(store)
        try addPrograms(store)
        try failAMail(store)
        try startChallenges(store)
        _ = try store.rotateRefresh(Samples.rotation(0, of: "session-web", at: noon))
        #expect(
            try store.revokeSession(SessionID("session-d"), audit: Samples.audit(.sessionRevoked)))
    }

    private static func addUsers(_ store: any Store) throws {
        for name in ["ada", "bob", "Zoe", "éva"] {
            var user = try name == "éva" ? Samples.user("eva") : Samples.user(name.lowercased())
            user.name = name == "bob" ? nil : "\(name) 'the' \"first\"\\"
            if name == "bob" { user.login = nil }
            user.groups = name == "Zoe" ? [] : user.groups
            try store.addUser(user, audit: Samples.audit(.userAdded))
        }
        _ = try store.changeUser(
            UserID("id-zoe"), audit: Samples.audit(.userChanged, at: noon + .seconds(1))
        ) { $0.isEnabled = false }
        try store.addGroup(
            UserGroup(name: "full", details: "é 'x'", precedence: 3, createdAt: noon),
            audit: Samples.audit(.groupAdded))
    }

    private static func addPrograms(_ store: any Store) throws {
        let client = AppClient(
            id: ClientID("a"), name: "ape 'x'", sealedSecret: [0, 255, 7],
            flows: [.custom, .refresh], idLifetime: .minutes(5), accessLifetime: .hours(1),
            refreshLifetime: .days(3), sessionLifetime: .minutes(15), refreshGrace: .seconds(0),
            createdAt: noon)
        try store.addClient(client, audit: Samples.audit(.clientAdded))
        try store.addClient(
            AppClient(id: ClientID("b"), name: "bare", flows: [], createdAt: noon),
            audit: Samples.audit(.clientAdded))
        try store.addAPIKey(
            APIKey(id: APIKeyID("k"), name: "key", sealedSecret: [1, 0, 255], createdAt: noon),
            audit: Samples.audit(.apiKeyAdded))
        for id in ["gone", "here"] {
            try store.addHost(
                EnrolledHost(id: HostID(id), name: "web1", keyHash: [1, 0, 255], createdAt: noon),
                audit: Samples.audit(.hostAdded))
            if id == "gone" {
                #expect(try store.revokeHost(named: "web1", audit: Samples.audit(.hostRevoked)))
            }
        }
        #expect(try store.useSignature("signature", expiresAt: noon + .minutes(15)))
    }

    /// A mail of the day before, which the relay refused, and which came back on top of it.
    private static func failAMail(_ store: any Store) throws {
        let bob = UserID("id-bob")
        let before = noon - .days(1)
        let mail = MailID("mail-old")
        _ = try store.startChallenge(
            Samples.start("old", for: bob, at: before) { $0.audit.detail = mail.auditDetail })
        try store.mailFailed(
            mail, answer: "550 no", retryAt: nil, audit: Samples.audit(.mailFailed, at: before))
        _ = try store.markBounced(
            mail, recipient: Samples.user("bob").email, audit: Samples.audit(.mailBounced),
            reason: "550 gone")
        _ = try store.purge(now: before + .minutes(10), limit: 9)
    }

    private static func startChallenges(_ store: any Store) throws {
        let ada = UserID("id-ada")
        func start(_ id: String, _ change: (inout ChallengeStart) -> Void = { _ in }) throws {
            let start = Samples.start(id, for: ada) {
                $0.resendAfter = .seconds(0)
                $0.maximumLive = 9
                $0.mailRates = [Rate(9, per: .hours(1))]
                $0.rules = id == "live" || id == "done" ? [usedUp] : []
                change(&$0)
            }
            #expect(try store.startChallenge(start).started != nil)
        }
        for id in ["done", "live", "rounds", "web", "mailed"] { try start(id) }
        #expect(try store.startChallenge(Samples.start("decoy", for: nil)).started != nil)
        let eve = try Samples.user("eve").email
        #expect(try store.startChallenge(Samples.signup("signup", eve)).started != nil)

        for (id, attempt) in [("done", "d"), ("web", "web")] {
            #expect(try store.countAttempt(Samples.attempt(id, attempt)).counted != nil)
            var consumption = Samples.consumption(id, attempt, user: ada)
            if id == "web" {
                consumption.session.refreshGeneration = 0
                consumption.session.sourceKey = "192.0.2.7"
            }
            #expect(try store.consumeChallenge(consumption) == .consumed)
        }
        #expect(try store.countAttempt(Samples.attempt("live", "wrong")).counted != nil)
        #expect(try store.keepRounds(Samples.rounds("rounds")) != nil)
        try store.mailSent(MailID("mail-mailed"), answer: "250 ok", at: noon)
        try store.mailFailed(
            MailID("mail-live"), answer: "451 later", retryAt: noon + .seconds(5),
            audit: Samples.audit(.mailFailed))
        _ = try store.claimMail(
            of: ChallengeID("rounds"), now: noon, until: noon + .seconds(30))
    }
}
