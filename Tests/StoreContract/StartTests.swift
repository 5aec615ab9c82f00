import DoorpostCore
import DoorpostTesting
import Testing

@Suite struct StartTests {
    let noon = Samples.noon

    @Test(arguments: StoreKind.allCases)
    func aStartWritesChallengeMailAndAudit(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let start = Samples.start("c", for: ada.id)
            let live = LiveChallenge(
                id: start.id, mailedAt: noon, expiresAt: noon + .minutes(5), attemptsLeft: 3)
            #expect(try store.startChallenge(start) == .started(live))
            #expect(try store.outbox(includingSent: false, limit: 9) == [start.mail])
            #expect(try store.auditKinds() == [.userAdded, .codeRequested])
            let counted = try store.countAttempt(Samples.attempt("c", "a")).counted
            #expect(
                counted
                    == CountedAttempt(
                        challenge: start.id, attempt: "a", user: ada.id, codeHash: [7, 7, 7],
                        attemptsLeft: 2))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func soManyChallengesMayLiveAtOnce(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            func start(_ id: String, at now: Timestamp, maximum: Int = 3) throws
                -> ChallengeStartResult
            {
                try store.startChallenge(
                    Samples.start(id, for: ada.id, at: now) {
                        $0.resendAfter = .seconds(0)
                        $0.maximumLive = maximum
                    })
            }
            for second in 0..<3 {
                let now = noon + .seconds(Int64(second))
                #expect(try start("c\(second)", at: now).started != nil)
            }
            let full = try start("c3", at: noon + .seconds(3))
            #expect(full == .limited(LimitHit(.liveChallenges, freeAt: noon + .minutes(5))))
            // With room for one only, all three have to end.
            let fuller = try start("c3", at: noon + .seconds(3), maximum: 1)
            #expect(fuller.hit?.freeAt == noon + .minutes(5) + .seconds(2))
            let early = noon + .minutes(5) - Span(milliseconds: 1)
            #expect(try start("c3", at: early).hit != nil)
            #expect(try start("c4", at: noon + .minutes(5)).started != nil)
            // One that is consumed or used up does not live.
            for attempt in ["a", "b", "c"] {
                _ = try store.countAttempt(
                    Samples.attempt("c4", attempt, at: noon + .minutes(5)))
            }
            #expect(try start("c5", at: noon + .minutes(5)).started != nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func betweenTwoMailsLiesAGap(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c1", for: ada.id))
            let early = noon + .seconds(60) - Span(milliseconds: 1)
            let hit = LimitHit(.resendAfter, freeAt: noon + .seconds(60))
            #expect(
                try store.startChallenge(Samples.start("c2", for: ada.id, at: early))
                    == .limited(hit))
            let later = Samples.start("c2", for: ada.id, at: noon + .seconds(60))
            #expect(try store.startChallenge(later).started != nil)
            // The gap moves with a resend of any challenge.
            _ = try store.resendChallenge(Samples.resend("c1", at: noon + .seconds(100)))
            let third = Samples.start("c3", for: ada.id, at: noon + .seconds(159))
            #expect(try store.startChallenge(third).hit?.freeAt == noon + .seconds(160))
        }
    }

    /// Who has just signed in may sign in elsewhere at once; who has burnt the tries waits.
    @Test(arguments: StoreKind.allCases)
    func theGapEndsWithConsumptionButNotWithTheTries(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c1", for: ada.id))
            for attempt in ["a", "b", "c"] {
                _ = try store.countAttempt(Samples.attempt("c1", attempt))
            }
            let second = Samples.start("c2", for: ada.id, at: noon + .seconds(1))
            #expect(try store.startChallenge(second).hit?.name == .resendAfter)
            _ = try store.consumeChallenge(Samples.consumption("c1", "a", user: ada.id))
            #expect(try store.startChallenge(second).started != nil)
        }
    }

    /// A gap longer than the life of a code holds beyond it.
    @Test(arguments: StoreKind.allCases)
    func theGapOutlivesTheChallenge(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c1", for: ada.id))
            let second = Samples.start("c2", for: ada.id, at: noon + .minutes(8)) {
                $0.resendAfter = .minutes(10)
            }
            #expect(try store.startChallenge(second).hit?.freeAt == noon + .minutes(10))
        }
    }

    /// The user looked up before the call may be gone in it: then it is a decoy.
    @Test(arguments: StoreKind.allCases, [true, false])
    func aUserWhoIsGoneGetsADecoy(_ kind: StoreKind, _ isDeleted: Bool) throws {
        try withAda(kind) { store, ada in
            if isDeleted {
                _ = try store.deleteUser(ada.id, audit: Samples.audit(.userDeleted))
            } else {
                var disabled = ada
                disabled.isEnabled = false
                _ = try store.updateUser(disabled, audit: Samples.audit(.userChanged))
            }
            #expect(try store.startChallenge(Samples.start("c", for: ada.id)).started != nil)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
            #expect(try store.countAttempt(Samples.attempt("c", "a")).counted?.user == nil)
            let consumption = Samples.consumption("c", "a", user: ada.id)
            #expect(try store.consumeChallenge(consumption) == .userGone)
        }
    }

    /// The clock was set back by more than a minute: nobody knows how old a code is.
    @Test(arguments: StoreKind.allCases)
    func aChallengeFromTheFutureIsExpired(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id) { $0.resumeKey = "r" })
            let edge = noon - .seconds(60)
            let beyond = edge - Span(milliseconds: 1)
            #expect(try store.countAttempt(Samples.attempt("c", "a", at: edge)).counted != nil)
            #expect(try store.countAttempt(Samples.attempt("c", "b", at: beyond)) == .expired)
            #expect(try store.resendChallenge(Samples.resend("c", at: beyond)) == .expired)
            let consumption = Samples.consumption("c", "a", user: ada.id, at: beyond)
            #expect(try store.consumeChallenge(consumption) == .expired)
            let again = Samples.start("c2", for: ada.id, at: beyond) { $0.resumeKey = "r" }
            #expect(try store.startChallenge(again).started?.id.text == "c2")
        }
    }
}
