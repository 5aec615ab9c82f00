import DoorpostCore
import DoorpostTesting
import Testing

/// A part of a limit that only sources may use from which somebody signed in before.
@Suite struct StrangerTests {
    let noon = Samples.noon

    private func rule(_ rate: Rate, strangers: Rate?) -> LimitRule {
        LimitRule(
            .mailsTotal, key: LimitKey("t"), rates: [rate],
            strangerRates: strangers.map { [$0] })
    }

    private func start(
        _ store: any Store, _ id: String, source: String?, _ rule: LimitRule,
        for user: UserID?, at now: Timestamp = Samples.noon
    ) throws -> ChallengeStartResult {
        try store.startChallenge(
            Samples.start(id, for: user, at: now) {
                $0.sourceKey = source
                $0.rules = [rule]
                $0.resendAfter = .seconds(0)
                $0.maximumLive = 99
                $0.mailRates = []
            })
    }

    @Test(arguments: StoreKind.allCases)
    func strangersUseUpTheirHalfOnly(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            // From 192.0.2.7 ada signed in.
            try signInOnTheWeb(store, ada)
            let mails = rule(Rate(4, per: .hours(1)), strangers: Rate(2, per: .hours(1)))
            func start(_ id: String, source: String?) throws -> ChallengeStartResult {
                try self.start(store, id, source: source, mails, for: ada.id)
            }
            #expect(try start("s1", source: "198.51.100.1").started != nil)
            #expect(try start("s2", source: "198.51.100.2").started != nil)
            let hit = LimitHit(.mailsTotal, freeAt: noon + .hours(1))
            #expect(try start("s3", source: "198.51.100.3").hit == hit)
            #expect(try start("k1", source: "192.0.2.7").started != nil)
            // A console has no source, and is no stranger.
            #expect(try start("k2", source: nil).started != nil)
            #expect(try start("k3", source: "192.0.2.7").hit == hit)
        }
    }

    /// What those who are known use counts for strangers, too.
    @Test(arguments: StoreKind.allCases)
    func oneCountForAll(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let mails = rule(Rate(4, per: .hours(1)), strangers: Rate(2, per: .hours(1)))
            for id in ["k1", "k2"] {
                let result1 = try start(store, id, source: nil, mails, for: ada.id)
                #expect(result1.started != nil)
            }
            let result2 = try start(store, "s", source: "198.51.100.1", mails, for: ada.id)
            #expect(result2.hit != nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aSessionThatEndedMakesTheSourceKnownStill(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try signInOnTheWeb(store, ada)
            let revoked = Samples.audit(.sessionRevoked)
            _ = try store.revokeSession(SessionID("session-a"), audit: revoked)
            let nobody = rule(Rate(1, per: .hours(1)), strangers: Rate(0, per: .hours(1)))
            let later = noon + .days(80)
            _ = try store.purge(now: later, limit: 100)
            let known = try start(store, "c1", source: "192.0.2.7", nobody, for: ada.id, at: later)
            #expect(known.started != nil)
            // Until nobody remembers it.
            let forgotten = noon + .days(91)
            _ = try store.purge(now: forgotten, limit: 100)
            let stranger = try start(
                store, "c2", source: "192.0.2.7", nobody, for: ada.id, at: forgotten)
            #expect(stranger.hit?.name == .mailsTotal)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRuleWithoutARateForStrangersIsForAll(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let mails = rule(Rate(1, per: .hours(1)), strangers: nil)
            let source = "198.51.100.1"
            let result3 = try start(store, "c1", source: source, mails, for: ada.id)
            #expect(result3.started != nil)
            let result4 = try start(store, "c2", source: source, mails, for: ada.id)
            #expect(result4.hit != nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aResendKeepsToItToo(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let mails = rule(Rate(9, per: .hours(1)), strangers: Rate(1, per: .hours(1)))
            let result5 = try start(store, "c", source: nil, mails, for: ada.id)
            #expect(result5.started != nil)
            func resend(source: String?) throws -> ChallengeResendResult {
                try store.resendChallenge(
                    Samples.resend("c", at: noon + .seconds(60)) {
                        $0.sourceKey = source
                        $0.rules = [mails]
                    })
            }
            let result6 = try resend(source: "198.51.100.1")
            #expect(result6.hit?.name == .mailsTotal)
            let result7 = try resend(source: nil)
            #expect(result7.queued != nil)
        }
    }
}
