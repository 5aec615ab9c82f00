import DoorpostCore
import DoorpostTesting
import Testing

@Suite struct ResendTests {
    let noon = Samples.noon

    @Test(arguments: StoreKind.allCases)
    func aResendQueuesTheSameMailAgain(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let start = Samples.start("c", for: ada.id)
            _ = try store.startChallenge(start)
            try store.mailSent(MailID("mail-c"), answer: "250", at: noon + .seconds(1))
            let now = noon + .seconds(60)
            let result = try store.resendChallenge(Samples.resend("c", at: now))
            var mail = try #require(start.mail)
            mail.tries = 1
            mail.lastTryAt = noon + .seconds(1)
            mail.lastAnswer = "250"
            mail.claimedUntil = now + OutboxItem.claimLength
            let live = LiveChallenge(
                id: start.id, mailedAt: now, expiresAt: noon + .minutes(5), attemptsLeft: 3)
            #expect(result == .queued(live, mail))
            #expect(try store.outbox(includingSent: false, limit: 9) == [mail])
            #expect(try store.auditKinds() == [.userAdded, .codeRequested, .codeResent])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aResendRefillsNothing(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            _ = try store.countAttempt(Samples.attempt("c", "a"))
            _ = try store.countAttempt(Samples.attempt("c", "b"))
            let now = noon + .seconds(60)
            #expect(
                try store.resendChallenge(Samples.resend("c", at: now)).queued?.attemptsLeft == 1)
            #expect(
                try store.countAttempt(Samples.attempt("c", "c", at: now)).counted?.attemptsLeft
                    == 0)
            #expect(try store.countAttempt(Samples.attempt("c", "d", at: now)) == .triesUsedUp)
            let later = Samples.resend("c", at: now + .seconds(60))
            #expect(try store.resendChallenge(later) == .triesUsedUp)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theGapHoldsBetweenResends(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let tick = Span(milliseconds: 1)
            let before = try store.snapshot()
            let early = try store.resendChallenge(
                Samples.resend("c", at: noon + .seconds(60) - tick))
            #expect(early == .limited(LimitHit(.resendAfter, freeAt: noon + .seconds(60))))
            #expect(try store.snapshot() == before)
            let last = try #require(try store.auditTrail(AuditQuery()).last?.event)
            #expect(last.kind == .limited)
            #expect(last.detail == "resend_after")
            #expect(
                try store.resendChallenge(Samples.resend("c", at: noon + .seconds(60))).queued
                    != nil)
            let second = try store.resendChallenge(Samples.resend("c", at: noon + .seconds(61)))
            #expect(second.hit?.freeAt == noon + .seconds(120))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func mailsOfStartsAndResendsShareTheirRates(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let rates = [Rate(2, per: .hours(1))]
            _ = try store.startChallenge(Samples.start("c", for: ada.id) { $0.mailRates = rates })
            func resend(_ seconds: Int64) throws -> ChallengeResendResult {
                try store.resendChallenge(
                    Samples.resend("c", at: noon + .seconds(seconds)) { $0.mailRates = rates })
            }
            #expect(try resend(60).queued != nil)
            // The gap ends sooner than the hour: the hour is what the person has to wait.
            #expect(
                try resend(61).hit == LimitHit(.mailsPerAddress, freeAt: noon + .hours(1)))
            #expect(try resend(120).hit?.name == .mailsPerAddress)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theRulesOfAResendAreKept(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let rule = LimitRule(
                .mailsTotal, key: LimitKey("t"), rates: [Rate(1, per: .hours(1))])
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            func resend(_ seconds: Int64) throws -> ChallengeResendResult {
                try store.resendChallenge(
                    Samples.resend("c", at: noon + .seconds(seconds)) { $0.rules = [rule] })
            }
            #expect(try resend(60).queued != nil)
            let hit = LimitHit(.mailsTotal, freeAt: noon + .seconds(60) + .hours(1))
            #expect(try resend(120).hit == hit)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func onlyALiveChallengeOfThisPurposeIsMailedAgain(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let now = noon + .seconds(60)
            #expect(try store.resendChallenge(Samples.resend("x", at: now)) == .unknown)
            let elsewhere = Samples.resend("c", at: now) { $0.purpose = "web" }
            #expect(try store.resendChallenge(elsewhere) == .unknown)
            let late = Samples.resend("c", at: noon + .minutes(5))
            #expect(try store.resendChallenge(late) == .expired)
            #expect(try store.auditKinds() == [.userAdded, .codeRequested])
        }
    }

    /// Whoever asks gets the mail to itself, so that no courier sends it a second time.
    @Test(arguments: StoreKind.allCases)
    func aResendClaimsTheMail(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            try store.mailFailed(
                MailID("mail-c"), answer: "451", retryAt: noon + .minutes(4),
                audit: Samples.audit(.mailFailed))
            let now = noon + .seconds(60)
            let until = now + OutboxItem.claimLength
            let mail = try store.resendChallenge(Samples.resend("c", at: now)).mail
            #expect(mail?.claimedUntil == until)
            #expect(mail?.retryAt == nil)
            #expect(try store.claimDueMails(now: now, until: until, limit: 9).isEmpty)
            #expect(try store.claimMail(of: ChallengeID("c"), now: now, until: until) == nil)
            #expect(
                try store.claimDueMails(now: until, until: until + .seconds(1), limit: 9).count == 1
            )
        }
    }

    /// A courier has it in hand: it goes out once, and counts as mailed again.
    @Test(arguments: StoreKind.allCases)
    func whatIsInHandIsNotTaken(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let now = noon + .seconds(60)
            let claimed = try store.claimDueMails(
                now: now, until: now + .seconds(1), limit: 9)
            #expect(claimed.count == 1)
            let result = try store.resendChallenge(Samples.resend("c", at: now))
            #expect(result.queued?.mailedAt == now)
            #expect(result.mail == nil)
            #expect(try store.outbox(includingSent: true, limit: 9) == claimed)
            let again = try store.resendChallenge(Samples.resend("c", at: now + .seconds(59)))
            #expect(again.hit?.name == .resendAfter)
        }
    }
}
