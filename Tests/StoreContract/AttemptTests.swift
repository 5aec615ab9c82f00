import DoorpostCore
import DoorpostTesting
import Testing

@Suite struct AttemptTests {
    let noon = Samples.noon

    @Test(arguments: StoreKind.allCases)
    func thereAreSoManyAttempts(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            for left in [2, 1, 0] {
                let counted = try store.countAttempt(Samples.attempt("c", "a\(left)")).counted
                #expect(counted?.attemptsLeft == left)
            }
            #expect(try store.countAttempt(Samples.attempt("c", "d")) == .triesUsedUp)
            #expect(try store.countAttempt(Samples.attempt("c", "e")) == .triesUsedUp)
        }
    }

    /// Another purpose and no challenge are not told apart, and cost nothing.
    @Test(arguments: StoreKind.allCases)
    func aCodeIsGoodForItsPurposeOnly(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let elsewhere = Samples.attempt("c", "a") { $0.purpose = "pam/sudo/host-a" }
            #expect(try store.countAttempt(elsewhere) == .unknown)
            #expect(try store.countAttempt(Samples.attempt("d", "a")) == .unknown)
            #expect(try store.countAttempt(Samples.attempt("c", "b")).counted?.attemptsLeft == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aChallengeLivesUntilTheMillisecondItExpires(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let end = noon + .minutes(5)
            let last = end - Span(milliseconds: 1)
            #expect(try store.countAttempt(Samples.attempt("c", "a", at: last)).counted != nil)
            #expect(try store.countAttempt(Samples.attempt("c", "b", at: end)) == .expired)
            #expect(
                try store.countAttempt(Samples.attempt("c", "b", at: end + .days(1))) == .expired)
            // Counted in time, answered late: expiry is checked again.
            let late = Samples.consumption("c", "a", user: ada.id, at: end)
            #expect(try store.consumeChallenge(late) == .expired)
            let intime = Samples.consumption("c", "a", user: ada.id, at: last)
            #expect(try store.consumeChallenge(intime) == .consumed)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func consumedSaysMoreThanExpiredOrUsedUp(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id) { $0.attempts = 1 })
            _ = try store.countAttempt(Samples.attempt("c", "a"))
            #expect(
                try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
                    == .consumed)
            for late in [Span.seconds(0), .minutes(5)] {
                let now = noon + late
                #expect(try store.countAttempt(Samples.attempt("c", "b", at: now)) == .consumed)
                #expect(try store.resendChallenge(Samples.resend("c", at: now)) == .consumed)
                let again = Samples.consumption("c", "b", user: ada.id, at: now)
                #expect(try store.consumeChallenge(again) == .alreadyConsumed)
            }
        }
    }

    /// New challenges, from other hosts, through other doors: one budget.
    @Test(arguments: StoreKind.allCases)
    func theFailureBudgetIsTheAccounts(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            func wrong(_ number: Int) throws -> ChallengeAttemptResult {
                let id = "c\(number)"
                let now = noon + .minutes(Int64(number))
                _ = try store.startChallenge(
                    Samples.start(id, for: ada.id, at: now) {
                        $0.purpose = "purpose \(number)"
                        $0.maximumLive = 99
                        $0.mailRates = []
                    })
                return try store.countAttempt(
                    Samples.attempt(id, "a\(number)", at: now) {
                        $0.purpose = "purpose \(number)"
                        $0.accountRates = [Rate(4, per: .days(1))]
                    })
            }
            for number in 0..<4 { #expect(try wrong(number).counted != nil) }
            #expect(
                try wrong(4).hit == LimitHit(.failuresPerAccount, freeAt: noon + .days(1)))
            // Refused, it has cost no attempt.
            let counted = try store.countAttempt(
                Samples.attempt("c4", "b", at: noon + .minutes(4)) { $0.purpose = "purpose 4" })
            #expect(counted.counted?.attemptsLeft == 2)
        }
    }

    /// The key is the one under which the flow asks at the start of the next challenge.
    @Test(arguments: StoreKind.allCases)
    func failuresAreCountedUnderTheUser(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            _ = try store.countAttempt(Samples.attempt("c", "a"))
            // By another name: one user, one budget.
            let next = Samples.start("c2", for: ada.id) {
                $0.subject = "name:other"
                $0.rules = [
                    .failures(
                        of: ada.id, subject: $0.subject, rates: [Rate(1, per: .days(1))],
                        counts: false)
                ]
            }
            #expect(
                try store.startChallenge(next)
                    == .limited(LimitHit(.failuresPerAccount, freeAt: noon + .days(1))))
        }
    }

    /// A refused attempt counts under no rule, not even under those that had room.
    @Test(arguments: StoreKind.allCases)
    func aRefusedAttemptCountsNothing(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let source = LimitRule(
                .failuresPerSource, key: LimitKey("s"), rates: [Rate(2, per: .hours(1))])
            let total = LimitRule(
                .failuresTotal, key: LimitKey("t"), rates: [Rate(1, per: .hours(1))])
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            func attempt(_ name: String, _ rules: [LimitRule]) throws -> ChallengeAttemptResult {
                try store.countAttempt(Samples.attempt("c", name) { $0.rules = rules })
            }
            #expect(try attempt("a", [source, total]).counted != nil)
            #expect(try attempt("b", [source, total]).hit?.name == .failuresTotal)
            #expect(try attempt("c", [source]).counted?.attemptsLeft == 1)
            #expect(try attempt("d", [source]).hit?.name == .failuresPerSource)
            #expect(try store.auditKinds() == [.userAdded, .codeRequested])
        }
    }

    /// Success takes back what its own attempt has counted, and nothing else.
    @Test(arguments: StoreKind.allCases)
    func successTakesBackItsOwnFailureEvents(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let rules = [
                LimitRule(
                    .failuresPerSource, key: LimitKey("s"), rates: [Rate(3, per: .hours(1))])
            ]
            func attempt(_ id: String, _ name: String) throws -> ChallengeAttemptResult {
                try store.countAttempt(
                    Samples.attempt(id, name) {
                        $0.rules = rules
                        $0.accountRates = [Rate(2, per: .days(1))]
                    })
            }
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            #expect(try attempt("c", "wrong").counted != nil)
            #expect(try attempt("c", "right").counted != nil)
            #expect(try attempt("c", "third").hit?.name == .failuresPerAccount)
            #expect(
                try store.consumeChallenge(Samples.consumption("c", "right", user: ada.id))
                    == .consumed)
            _ = try store.startChallenge(Samples.start("d", for: ada.id))
            #expect(try attempt("d", "wrong 2").counted != nil)
            #expect(try attempt("d", "wrong 3").hit?.name == .failuresPerAccount)
        }
    }
}
