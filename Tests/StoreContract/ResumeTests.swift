import DoorpostCore
import DoorpostTesting
import Testing

@Suite struct ResumeTests {
    let noon = Samples.noon

    @Test(arguments: StoreKind.allCases)
    func theSameSignInFindsItsChallenge(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let first = try store.startChallenge(
                Samples.start("c1", for: ada.id) { $0.resumeKey = "r" }
            ).started
            _ = try store.countAttempt(Samples.attempt("c1", "a1"))
            let again = Samples.start("c2", for: ada.id, at: noon + .seconds(5)) {
                $0.resumeKey = "r"
            }
            var expected = try #require(first)
            expected.attemptsLeft = 2
            #expect(try store.startChallenge(again) == .resumed(expected, mailState: .queued))
            try store.mailSent(MailID("mail-c1"), answer: "250", at: noon)
            #expect(try store.startChallenge(again) == .resumed(expected, mailState: .sent))
            #expect(try store.countAttempt(Samples.attempt("c2", "a2")) == .unknown)
            #expect(
                try store.auditKinds()
                    == [.userAdded, .codeRequested, .codeResumed, .codeResumed])
            #expect(try store.outbox(includingSent: true, limit: 9).count == 1)
        }
    }

    /// Another resume key, another subject: not the same sign-in.
    @Test(arguments: StoreKind.allCases)
    func anotherSignInDoesNotResume(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let eve = try Samples.user("eve")
            try store.addUser(eve, audit: Samples.audit(.userAdded))
            _ = try store.startChallenge(Samples.start("c1", for: ada.id) { $0.resumeKey = "r" })
            let other = Samples.start("c2", for: ada.id) {
                $0.resumeKey = "R"
                $0.resendAfter = .seconds(0)
            }
            #expect(try store.startChallenge(other).started?.id.text == "c2")
            let eves = Samples.start("c3", for: eve.id) { $0.resumeKey = "r" }
            #expect(try store.startChallenge(eves).started?.id.text == "c3")
        }
    }

    /// Where every request has a key of its own, the gap decides whether it is another sign-in;
    /// for a decoy, too.
    @Test(arguments: StoreKind.allCases, [true, false])
    func withinTheGapAnotherRequestOfTheSignInFindsItsChallenge(
        _ kind: StoreKind, _ isDecoy: Bool
    ) throws {
        try withAda(kind) { store, ada in
            let user = isDecoy ? nil : ada.id
            func start(_ id: String, _ now: Timestamp) throws -> ChallengeStartResult {
                try store.startChallenge(
                    Samples.start(id, for: user, at: now) {
                        $0.resumeKey = "f|\(id)"
                        $0.resumePrefix = "f|"
                        $0.mailRates = [Rate(2, per: .hours(1))]
                    })
            }
            var expected = try #require(try start("c1", noon).started)
            _ = try store.countAttempt(Samples.attempt("c1", "a"))
            expected.attemptsLeft = 2
            let last = noon + .seconds(60) - Span(milliseconds: 1)
            for (id, now) in [("c2", noon), ("c3", last)] {
                let mailState: OutboxItem.State? = isDecoy ? nil : .queued
                #expect(try start(id, now) == .resumed(expected, mailState: mailState))
            }
            let mails = try store.outbox(includingSent: true, limit: 9).count
            #expect(mails == (isDecoy ? 0 : 1))
            #expect(
                try store.auditKinds()
                    == [.userAdded, .codeRequested, .codeResumed, .codeResumed])
            // After the gap it is another sign-in, within the limits; then it is the newest.
            let after = noon + .seconds(60)
            #expect(try start("c4", after).started?.id.text == "c4")
            #expect(try start("c5", after).resumed?.id.text == "c4")
            #expect(try start("c1", after).resumed?.id.text == "c1")
            #expect(try start("c6", after + .seconds(60)).hit?.name == .mailsPerAddress)
        }
    }

    /// Another source or client, a key that is told apart to the byte, and no prefix at all.
    @Test(arguments: StoreKind.allCases, ["g|", "f|\u{0301}", "f|c1x", nil])
    func withinTheGapAnotherSignInIsLimited(_ kind: StoreKind, _ prefix: String?) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(
                Samples.start("c1", for: ada.id) {
                    $0.resumeKey = "f|c1"
                    $0.resumePrefix = "f|"
                })
            let other = Samples.start("c2", for: ada.id) {
                $0.resumeKey = "\(prefix ?? "")c2"
                $0.resumePrefix = prefix
            }
            #expect(
                try store.startChallenge(other)
                    == .limited(LimitHit(.resendAfter, freeAt: noon + .seconds(60))))
        }
    }

    /// No tries come back, and nothing else is found in the place of what is over.
    @Test(arguments: StoreKind.allCases)
    func withinTheGapAChallengeWithoutTriesIsNotTakenUp(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            func start(_ id: String) throws -> ChallengeStartResult {
                try store.startChallenge(
                    Samples.start(id, for: ada.id) {
                        $0.resumeKey = "f|\(id)"
                        $0.resumePrefix = "f|"
                    })
            }
            _ = try start("c1")
            for attempt in ["a", "b", "c"] {
                _ = try store.countAttempt(Samples.attempt("c1", attempt))
            }
            #expect(try start("c2").hit?.name == .resendAfter)
        }
    }

    /// Consumed, expired, used up: a challenge that is over is not resumed.
    @Test(arguments: StoreKind.allCases, ["consumed", "expired", "used up"])
    func whatIsOverIsNotResumed(_ kind: StoreKind, _ end: String) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c1", for: ada.id) { $0.resumeKey = "r" })
            var now = noon + .seconds(60)
            switch end {
            case "consumed":
                _ = try store.countAttempt(Samples.attempt("c1", "a"))
                _ = try store.consumeChallenge(Samples.consumption("c1", "a", user: ada.id))
            case "expired":
                now = noon + .minutes(5)
            default:
                for attempt in ["a", "b", "c"] {
                    _ = try store.countAttempt(Samples.attempt("c1", attempt))
                }
            }
            let again = Samples.start("c2", for: ada.id, at: now) { $0.resumeKey = "r" }
            #expect(try store.startChallenge(again).started?.id.text == "c2")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aChallengeIsResumedUntilTheMillisecondItExpires(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c1", for: ada.id) { $0.resumeKey = "r" })
            let last = noon + .minutes(5) - Span(milliseconds: 1)
            let again = Samples.start("c2", for: ada.id, at: last) { $0.resumeKey = "r" }
            #expect(try store.startChallenge(again).resumed?.id.text == "c1")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func onlyTheStartOfTheSourceIsCountedOnResuming(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let perSource = LimitRule(
                .startsPerSource, key: LimitKey("s"), rates: [Rate(3, per: .hours(1))])
            let total = LimitRule(
                .mailsTotal, key: LimitKey("t"), rates: [Rate(2, per: .days(1))])
            func start(_ id: String, key: String, rules: [LimitRule]) throws
                -> ChallengeStartResult
            {
                try store.startChallenge(
                    Samples.start(id, for: ada.id) {
                        $0.resumeKey = key
                        $0.rules = rules
                        $0.mailRates = [Rate(2, per: .hours(1))]
                        $0.resendAfter = .seconds(0)
                    })
            }
            #expect(try start("c1", key: "r", rules: [perSource, total]).started != nil)
            #expect(try start("c2", key: "r", rules: [perSource, total]).resumed != nil)
            #expect(try start("c3", key: "r", rules: [perSource, total]).resumed != nil)
            let hit = try start("c4", key: "r", rules: [perSource, total]).hit
            #expect(hit == LimitHit(.startsPerSource, freeAt: noon + .hours(1)))
            // Neither the mail rate nor the total has counted the resumed ones.
            #expect(try start("c5", key: "r5", rules: [total]).started != nil)
            #expect(try start("c6", key: "r6", rules: []).hit?.name == .mailsPerAddress)
            #expect(try start("c7", key: "r7", rules: [total]).hit?.name == .mailsTotal)
        }
    }

    /// A limit on failures refuses even to resume; one on mails does not, since none is sent.
    @Test(
        arguments: StoreKind.allCases,
        [
            LimitName.startsPerSource, .failuresPerAccount, .failuresPerSource, .failuresTotal,
            .mailsTotal,
        ])
    func whichLimitsComeBeforeResuming(_ kind: StoreKind, _ name: LimitName) throws {
        try withAda(kind) { store, ada in
            let rule = LimitRule(name, key: LimitKey("k"), rates: [Rate(1, per: .hours(1))])
            let first = Samples.start("c1", for: ada.id) {
                $0.resumeKey = "r"
                $0.rules = [rule]
            }
            #expect(try store.startChallenge(first).started != nil)
            let before = try store.snapshot()
            let again = Samples.start("c2", for: ada.id) {
                $0.resumeKey = "r"
                $0.rules = [rule]
            }
            let result = try store.startChallenge(again)
            if name == .mailsTotal {
                #expect(result.resumed != nil)
            } else {
                #expect(result == .limited(LimitHit(name, freeAt: noon + .hours(1))))
                let last = try #require(try store.auditTrail(AuditQuery()).last)
                #expect(last.event.kind == .limited)
                #expect(last.event.detail == name.rawValue)
            }
            #expect(try store.snapshot() == before)
        }
    }
}
