import DoorpostCore
import DoorpostTesting
import Testing

/// Windows to the millisecond, seen through starts of which each counts one event.
@Suite struct LimitTests {
    let noon = Samples.noon

    private func start(
        _ store: any Store, _ id: String, at now: Timestamp, _ rules: [LimitRule]
    ) throws -> ChallengeStartResult {
        try store.startChallenge(
            Samples.start(id, for: nil, at: now) {
                $0.subject = "decoy:\(id)"
                $0.mailKey = LimitKey("mails:\(id)")
                $0.rules = rules
            })
    }

    private func rule(_ rates: Rate..., counts: Bool = true) -> LimitRule {
        LimitRule(.failuresTotal, key: LimitKey("k"), rates: rates, counts: counts)
    }

    @Test(arguments: StoreKind.allCases)
    func aWindowIsExactAtItsEdges(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let rules = [rule(Rate(3, per: .hours(1)))]
            for second in 0..<3 {
                let now = noon + .seconds(Int64(second))
                #expect(try start(store, "c\(second)", at: now, rules).started != nil)
            }
            // One more is one too many, and is not counted.
            let freeAt = noon + .hours(1)
            for milliseconds in [2000, 3_540_000, 3_599_999] as [Int64] {
                let late = Span(milliseconds: milliseconds)
                let hit = try start(store, "x", at: noon + late, rules).hit
                #expect(hit == LimitHit(.failuresTotal, freeAt: freeAt))
            }
            #expect(try start(store, "c3", at: freeAt, rules).started != nil)
            // Now the second must leave.
            let hit = try start(store, "c4", at: freeAt, rules).hit
            #expect(hit?.freeAt == noon + .seconds(1) + .hours(1))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func severalRatesMustAllHaveRoom(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let rules = [rule(Rate(2, per: .minutes(1)), Rate(3, per: .hours(1)))]
            #expect(try start(store, "c1", at: noon, rules).started != nil)
            #expect(try start(store, "c2", at: noon, rules).started != nil)
            let minute = try start(store, "c3", at: noon, rules).hit
            #expect(minute?.freeAt == noon + .minutes(1))
            #expect(try start(store, "c3", at: noon + .minutes(1), rules).started != nil)
            let hour = try start(store, "c4", at: noon + .minutes(1), rules).hit
            #expect(hour?.freeAt == noon + .hours(1))
        }
    }

    /// The caller is told of the limit that stays shut longest: at `freeAt` there is room.
    @Test(arguments: StoreKind.allCases)
    func ofSeveralLimitsTheLongestIsNamed(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let short = LimitRule(
                .failuresPerSource, key: LimitKey("a"), rates: [Rate(1, per: .minutes(1))])
            let long = LimitRule(
                .failuresTotal, key: LimitKey("b"), rates: [Rate(1, per: .hours(1))])
            let same = LimitRule(
                .startsPerSource, key: LimitKey("c"), rates: [Rate(1, per: .hours(1))])
            let rules = [short, long, same]
            #expect(try start(store, "c1", at: noon, rules).started != nil)
            let hit = try start(store, "c2", at: noon + .seconds(1), rules).hit
            #expect(hit == LimitHit(.failuresTotal, freeAt: noon + .hours(1)))
            #expect(try start(store, "c2", at: noon + .hours(1), rules).started != nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRuleThatOnlyAsksCountsNothing(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let asking = rule(Rate(1, per: .hours(1)), counts: false)
            for id in ["c1", "c2"] {
                let asked = try start(store, id, at: noon, [asking])
                #expect(asked.started != nil)
            }
            let counting = rule(Rate(1, per: .hours(1)))
            let counted = try start(store, "c3", at: noon, [counting])
            #expect(counted.started != nil)
            let refused = try start(store, "c4", at: noon, [asking])
            #expect(refused.hit != nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRateOfZeroLetsNobodyIn(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let hit = try start(store, "c", at: noon, [rule(Rate(0, per: .hours(1)))]).hit
            #expect(hit?.freeAt == noon + .hours(1))
        }
    }

    /// Large counts take another way through the index than small ones: same edges, also where
    /// successes have left holes in the numbering.
    @Test(arguments: StoreKind.allCases)
    func largeCountsAreExactToo(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let rules = [rule(Rate(100, per: .hours(1)))]
            for second in 0..<100 {
                let now = noon + .seconds(Int64(second))
                #expect(try start(store, "c\(second)", at: now, rules).started != nil)
            }
            let later = noon + .seconds(100)
            let full = try start(store, "x", at: later, rules)
            #expect(full.hit?.freeAt == noon + .hours(1))

            // At twenty past the first twenty have left; make 20 holes among the new ones.
            let now = noon + .hours(1) + .seconds(19)
            let attempts = (0..<20).map { number in
                Samples.attempt("w\(number / 3)", "a\(number)", at: now) {
                    $0.rules = rules
                    $0.accountRates = []
                }
            }
            for number in 0..<7 {
                let challenge = Samples.start("w\(number)", for: ada.id, at: now) {
                    $0.resendAfter = .seconds(0)
                    $0.maximumLive = 99
                    $0.mailRates = []
                }
                #expect(try store.startChallenge(challenge).started != nil)
            }
            for attempt in attempts { #expect(try store.countAttempt(attempt).counted != nil) }
            #expect(try start(store, "x", at: now, rules).hit?.freeAt == now + .seconds(1))
            for number in 0..<6 {
                _ = try store.consumeChallenge(
                    Samples.consumption("w\(number)", "a\(number * 3 + 1)", user: ada.id, at: now))
            }
            // Six were taken back: room for six, and not for a seventh.
            for number in 0..<6 {
                #expect(try start(store, "y\(number)", at: now, rules).started != nil)
            }
            #expect(try start(store, "z", at: now, rules).hit?.freeAt == now + .seconds(1))
        }
    }

    /// Two processes read the clock in one order and get the lock in the other.
    @Test(arguments: StoreKind.allCases)
    func timesOfAKeyDoNotRunBackwards(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let rules = [rule(Rate(2, per: .hours(1)))]
            #expect(try start(store, "c1", at: noon + .seconds(1), rules).started != nil)
            #expect(try start(store, "c2", at: noon, rules).started != nil)
            let hit = try start(store, "c3", at: noon, rules).hit
            #expect(hit?.freeAt == noon + .seconds(1) + .hours(1))
        }
    }

    /// Events up to a minute ahead count; beyond that the clock was set back.
    @Test(arguments: StoreKind.allCases)
    func eventsFromTheFutureDoNotCount(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let rules = [rule(Rate(1, per: .hours(1)))]
            #expect(try start(store, "c1", at: noon, rules).started != nil)
            #expect(try start(store, "c2", at: noon - .seconds(60), rules).hit != nil)
            let back = noon - .seconds(61)
            #expect(try start(store, "c3", at: back, rules).started != nil)
            // And the new event counts from its own time.
            let hit = try start(store, "c4", at: back, rules).hit
            #expect(hit?.freeAt == back + .hours(1))
        }
    }
}
