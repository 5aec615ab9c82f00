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

    /// Whatever is done to it, a decoy answers as a user's challenge does.
    @Test(arguments: StoreKind.allCases)
    func decoysAnswerAsUsersDo(_ kind: StoreKind) throws {
        func transcript(of user: UserID?, _ store: any Store) throws -> [String] {
            let rules = [
                LimitRule(
                    .startsPerSource, key: LimitKey("s:\(user?.text ?? "x")"),
                    rates: [Rate(7, per: .hours(1))])
            ]
            var lines: [String] = []
            func start(_ id: String, _ seconds: Int64, key: String) throws {
                let result = try store.startChallenge(
                    Samples.start(id, for: user, at: noon + .seconds(seconds)) {
                        $0.resumeKey = key
                        $0.rules = rules
                    })
                switch result {
                case .resumed(let live, _): lines.append("resumed \(live)")
                default: lines.append("\(result)")
                }
            }
            func attempt(_ id: String, _ name: String, _ seconds: Int64) throws {
                let result = try store.countAttempt(
                    Samples.attempt(id, name, at: noon + .seconds(seconds)) {
                        $0.accountRates = [Rate(5, per: .days(1))]
                    })
                if let counted = result.counted {
                    lines.append("counted \(counted.attemptsLeft) \(counted.codeHash)")
                } else {
                    lines.append("\(result)")
                }
            }
            func resend(_ id: String, _ seconds: Int64) throws {
                let result = try store.resendChallenge(
                    Samples.resend(id, at: noon + .seconds(seconds)))
                lines.append(result.queued.map { "queued \($0)" } ?? "\(result)")
            }
            try start("1", 0, key: "r")
            try start("2", 1, key: "r")
            try start("3", 2, key: "q")
            try attempt("1", "a\(user?.text ?? "x")", 3)
            try resend("1", 30)
            try resend("1", 60)
            try attempt("1", "b", 61)
            try attempt("1", "c", 62)
            try attempt("1", "d", 63)
            try resend("1", 300)
            try start("4", 301, key: "r")
            try attempt("4", "e", 302)
            try attempt("4", "f", 303)
            try attempt("4", "g", 304)
            try start("5", 305, key: "q")
            for number in 6..<12 { try start("\(number)", Int64(number) * 300, key: "r") }
            return lines
        }
        try withAda(kind) { store, ada in
            let user = try transcript(of: ada.id, store)
            try withStore(kind) { fresh in
                let decoy = try transcript(of: nil, fresh)
                #expect(decoy == user)
            }
            #expect(Set(user.map { $0.prefix(7) }).count > 5, "the transcript is a rich one")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aDecoyMailsNothing(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let total = LimitRule(
                .mailsTotal, key: LimitKey("t"), rates: [Rate(1, per: .days(1))])
            let decoy = Samples.start("c", for: nil) {
                $0.rules = [total]
                $0.resumeKey = "r"
            }
            let first = try store.startChallenge(decoy)
            #expect(first.started != nil)
            #expect(
                try store.startChallenge(decoy)
                    == .resumed(
                        LiveChallenge(
                            id: decoy.id, mailedAt: noon, expiresAt: noon + .minutes(5),
                            attemptsLeft: 3), mailState: nil))
            let resend = Samples.resend("c", at: noon + .seconds(60)) { $0.rules = [total] }
            #expect(try store.resendChallenge(resend).queued != nil)
            #expect(try store.resendChallenge(resend).mail == nil)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
            // The total has counted none of them.
            let other = Samples.start("d", for: nil) {
                $0.subject = "decoy:y"
                $0.rules = [total]
            }
            #expect(try store.startChallenge(other).started != nil)
            let consumption = Samples.consumption("c", "a", user: UserID("id-ada"))
            #expect(try store.consumeChallenge(consumption) == .userGone)
        }
    }
}
