import DoorpostCore
import DoorpostTesting
import Testing

/// What some may use when a limit that they share with strangers is used up (`LimitRule.reserve`).
@Suite("A reserve") struct ReserveTests {
    let noon = Samples.noon

    private func rule(_ reserve: Rate?, counts: Bool = true) -> LimitRule {
        LimitRule(
            .startsPerSource, key: LimitKey("k"), rates: [Rate(3, per: .hours(1))],
            reserve: reserve.map { LimitReserve(LimitKey("k|known"), rates: [$0]) },
            counts: counts)
    }

    private func start(
        _ store: any Store, _ id: String, at now: Timestamp = Samples.noon, _ rules: LimitRule...
    ) throws -> ChallengeStartResult {
        try store.startChallenge(
            Samples.start(id, for: nil, at: now) {
                $0.subject = "decoy:\(id)"
                $0.mailKey = LimitKey("mails:\(id)")
                $0.rules = rules
            })
    }

    @Test("has room when strangers have used up the limit", arguments: StoreKind.allCases)
    func beside(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            for id in ["s1", "s2", "s3"] { #expect(try start(store, id, rule(nil)).started != nil) }
            let hit = LimitHit(.startsPerSource, freeAt: noon + .hours(1))
            #expect(try start(store, "s4", rule(nil)).hit == hit)
            let known = rule(Rate(2, per: .hours(1)))
            #expect(try start(store, "k1", rule(nil, counts: false)).hit == hit)
            #expect(try start(store, "k1", known).started != nil)
            #expect(try start(store, "k2", at: noon + .seconds(1), known).started != nil)
            // Used up itself; free again with the first of both.
            let full = try start(store, "k3", at: noon + .seconds(2), known)
            #expect(full.hit == hit)
        }
    }

    @Test("is used up together with the limit, not after it", arguments: StoreKind.allCases)
    func together(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            let known = rule(Rate(3, per: .hours(1)))
            for id in ["k1", "k2", "k3"] { #expect(try start(store, id, known).started != nil) }
            #expect(try start(store, "k4", known).hit != nil)
            // And for strangers there is nothing left of what is shared.
            #expect(try start(store, "s", rule(nil)).hit != nil)
        }
    }

    @Test("is of no matter while the limit has room", arguments: StoreKind.allCases)
    func shared(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            let known = rule(Rate(1, per: .hours(1)))
            for id in ["k1", "k2", "k3"] { #expect(try start(store, id, known).started != nil) }
            #expect(try start(store, "k4", known).hit != nil)
        }
    }

    @Test("is free when the first of both is", arguments: StoreKind.allCases)
    func freeAt(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            for id in ["s1", "s2", "s3"] { #expect(try start(store, id, rule(nil)).started != nil) }
            let short = rule(Rate(1, per: .minutes(1)))
            #expect(try start(store, "k1", short).started != nil)
            let hit = try start(store, "k2", short).hit
            #expect(hit?.freeAt == noon + .minutes(1))
            #expect(try start(store, "k2", at: noon + .minutes(1), short).started != nil)
        }
    }

    @Test("of a pot is no other pot's", arguments: StoreKind.allCases)
    func apart(kind: StoreKind) throws {
        try withStore(kind) { store throws in
            func rule(_ subject: String) -> LimitRule {
                .failures(of: nil, subject: subject, rates: [Rate(2, per: .hours(1))])
            }
            let rules = ["name:x", "name:x|known", "name:x|console"].map(rule)
            #expect(Set(rules.map(\.key)).count == 1)
            for (number, rule) in rules.enumerated() {
                for turn in 0..<2 {
                    #expect(try start(store, "c\(number)\(turn)", rule).started != nil)
                }
                #expect(try start(store, "c\(number)2", rule).hit != nil)
            }
        }
    }

    /// An attempt that was right is none that failed: in neither count.
    @Test("is given back by a sign-in", arguments: StoreKind.allCases)
    func takenBack(kind: StoreKind) throws {
        try withAda(kind) { store, ada throws in
            func begin(_ id: String) throws {
                _ = try store.startChallenge(
                    Samples.start(id, for: ada.id) {
                        $0.subject = "name:ada|known"
                        $0.mailRates = []
                        $0.maximumLive = 99
                        $0.resendAfter = .seconds(0)
                    })
            }
            func attempt(_ id: String, _ name: String) throws -> ChallengeAttemptResult {
                try store.countAttempt(
                    Samples.attempt(id, name) { $0.accountRates = [Rate(2, per: .days(1))] })
            }
            for round in 0..<3 {
                try begin("c\(round)")
                #expect(try attempt("c\(round)", "right\(round)").counted != nil)
                let consumption = Samples.consumption(
                    "c\(round)", "right\(round)", user: ada.id)
                #expect(try store.consumeChallenge(consumption) == .consumed)
            }
            try begin("d")
            #expect(try attempt("d", "w1").counted != nil)
            #expect(try attempt("d", "w2").counted != nil)
            #expect(try attempt("d", "w3").hit?.name == .failuresPerAccount)
        }
    }

    @Test("of mails holds for a resend, too", arguments: StoreKind.allCases)
    func resent(kind: StoreKind) throws {
        try withAda(kind) { store, ada throws in
            func begin(_ id: String, _ subject: String) throws -> ChallengeStartResult {
                try store.startChallenge(
                    Samples.start(id, for: ada.id) {
                        $0.subject = subject
                        $0.mailRates = [Rate(2, per: .hours(1))]
                        $0.maximumLive = 99
                        $0.resendAfter = .seconds(0)
                    })
            }
            func resend(_ id: String) throws -> ChallengeResendResult {
                try store.resendChallenge(
                    Samples.resend(id, at: noon + .minutes(2)) {
                        $0.mailRates = [Rate(2, per: .hours(1))]
                    })
            }
            #expect(try begin("s1", "name:ada").started != nil)
            #expect(try begin("k1", "name:ada|known").started != nil)
            // Two are out; half of two is one, which the known one was.
            #expect(try resend("s1").hit?.name == .mailsPerAddress)
            #expect(try resend("k1").hit?.name == .mailsPerAddress)
            #expect(try begin("c1", "name:ada|console").started != nil)
        }
    }
}
