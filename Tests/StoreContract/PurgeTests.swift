import DoorpostCore
import DoorpostTesting
import Testing

@Suite struct PurgeTests {
    let noon = Samples.noon
    let tick = Span(milliseconds: 1)

    @Test(arguments: StoreKind.allCases)
    func expiredChallengesGoWithTheirMails(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let end = noon + .minutes(5)
            _ = try store.startChallenge(Samples.start("c", for: ada.id) { $0.mailRates = [] })
            try store.mailSent(MailID("mail-c"), answer: "250", at: noon)
            #expect(try store.purge(now: end - tick, limit: 100) == 0)
            #expect(try store.countAttempt(Samples.attempt("c", "a")).counted != nil)
            // The failure event stays: only its challenge is of no use any more.
            #expect(try store.purge(now: end, limit: 100) == 2)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
            #expect(try store.countAttempt(Samples.attempt("c", "b")) == .unknown)
            #expect(try store.purge(now: end, limit: 100) == 0)
        }
    }

    /// Until its code would have expired, a replay is told from a code that never was.
    @Test(arguments: StoreKind.allCases)
    func consumedChallengesGoWhenTheyWouldHaveExpired(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id) { $0.mailRates = [] })
            _ = try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
            let end = noon + .minutes(5)
            _ = try store.purge(now: end - tick, limit: 100)
            #expect(try store.countAttempt(Samples.attempt("c", "b")) == .consumed)
            #expect(try store.purge(now: end, limit: 100) == 1)
            #expect(try store.countAttempt(Samples.attempt("c", "b")) == .unknown)
            #expect(try store.session(SessionID("session-a")) != nil)
        }
    }

    /// Purging never gives back what a limit still counts.
    @Test(arguments: StoreKind.allCases)
    func limitEventsStayForTheLongestWindow(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let rule = LimitRule(
                .failuresTotal, key: LimitKey("k"), rates: [Rate(1, per: .days(1))])
            func start(_ id: String, at now: Timestamp) throws -> ChallengeStartResult {
                try store.startChallenge(
                    Samples.start(id, for: nil, at: now) {
                        $0.rules = [rule]
                        $0.mailRates = []
                    })
            }
            let first = try start("c1", at: noon)
            #expect(first.started != nil)
            let last = noon + .days(1) - tick
            // The challenge only; its two events (of the rule and of the mail) stay.
            #expect(try store.purge(now: last, limit: 100) == 1)
            let second = try start("c2", at: last)
            #expect(second.hit != nil)
            let day = noon + .days(1)
            #expect(try store.purge(now: day, limit: 100) == 0)
            #expect(try store.purge(now: day + tick, limit: 100) == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func sessionsAndTheTrailStayNinetyDaysAfterTheirEnd(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for (id, seconds) in [("a", Int64(0)), ("b", 60)] {
                _ = try store.startChallenge(
                    Samples.start(id, for: ada.id, at: noon + .seconds(seconds)))
                _ = try store.consumeChallenge(
                    Samples.consumption(id, id, user: ada.id, at: noon + .seconds(seconds)))
            }
            // One ends by revocation, the other by itself.
            let revoked = noon + .hours(1)
            _ = try store.revokeSession(
                SessionID("session-a"), audit: Samples.audit(.sessionRevoked, at: revoked))
            func sessions() throws -> [Bool] {
                try ["session-a", "session-b"].map { try store.session(SessionID($0)) != nil }
            }
            _ = try store.purge(now: noon + .days(90), limit: 100)
            #expect(try store.auditKinds().count == 6)
            _ = try store.purge(now: noon + .days(90) + tick, limit: 100)
            #expect(try store.auditKinds() == [.codeRequested, .signedIn, .sessionRevoked])

            _ = try store.purge(now: revoked + .days(90), limit: 100)
            #expect(try sessions() == [true, true])
            _ = try store.purge(now: revoked + .days(90) + tick, limit: 100)
            #expect(try sessions() == [false, true])
            let end = noon + .seconds(60) + .hours(12)
            _ = try store.purge(now: end + .days(90), limit: 100)
            #expect(try sessions() == [false, true])
            _ = try store.purge(now: end + .days(90) + tick, limit: 100)
            #expect(try sessions() == [false, false])
            #expect(try store.user(.id(ada.id)) == ada)
        }
    }

    /// Many steps end where one large step ends, and no step is larger than asked.
    @Test(arguments: StoreKind.allCases)
    func purgingIsBoundedAndComplete(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for number in 0..<25 {
                _ = try store.startChallenge(
                    Samples.start("c\(number)", for: ada.id) {
                        $0.resendAfter = .seconds(0)
                        $0.maximumLive = 99
                        $0.mailRates = []
                    })
            }
            let now = noon + .days(100)
            #expect(try store.purge(now: now, limit: 0) == 0)
            func purge(at now: Timestamp) throws -> (total: Int, steps: Int) {
                var (total, steps) = (0, 0)
                while case let gone = try store.purge(now: now, limit: 10), gone > 0 {
                    #expect(gone <= 50)
                    total += gone
                    steps += 1
                }
                return (total, steps)
            }
            // 25 mails that nobody took, 25 events and 26 audit records.
            let first = try purge(at: now)
            #expect(first == (25 + 25 + 26, 3))
            #expect(try store.auditTrail(AuditQuery()).isEmpty)
            #expect(try store.mailStatistics().failed == 25)
            // A week later: 25 challenges and the 25 mails.
            let week = now + .days(7)
            let early = try purge(at: week - tick)
            #expect(early == (0, 0))
            let second = try purge(at: week)
            #expect(second == (25 + 25, 3))
            #expect(try store.outbox(includingSent: true, limit: 99).isEmpty)
            #expect(try store.users(after: nil, limit: 9) == [ada])
            // The trail's numbers are not used again.
            try store.appendAudit(Samples.audit())
            #expect(try store.auditTrail(AuditQuery()).map(\.sequence) == [27])
        }
    }
}
