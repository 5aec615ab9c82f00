import DoorpostCore
import DoorpostTesting
import Testing

/// Mails that wait, are tried again, and fail.
@Suite struct CourierTests {
    let noon = Samples.noon
    let tick = Span(milliseconds: 1)

    /// Starts a challenge whose mail nobody has in hand.
    private func start(
        _ store: any Store, _ id: String, for user: UserID, createdAt: Timestamp = Samples.noon,
        _ change: (inout ChallengeStart) -> Void = { _ in }
    ) throws {
        let start = Samples.start(id, for: user) {
            $0.resendAfter = .seconds(0)
            $0.maximumLive = 99
            $0.mailRates = []
            $0.mail?.createdAt = createdAt
            change(&$0)
        }
        #expect(try store.startChallenge(start).started != nil)
    }

    private func due(_ store: any Store, at now: Timestamp, limit: Int = 9) throws -> [String] {
        try store.claimDueMails(now: now, until: now + .seconds(30), limit: limit)
            .map(\.challenge.text)
    }

    @Test(arguments: StoreKind.allCases)
    func whoHasWaitedLongestComesFirst(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for (id, seconds) in [("c1", Int64(3)), ("c2", 1), ("c3", 2), ("c4", 1)] {
                try start(store, id, for: ada.id, createdAt: noon + .seconds(seconds))
            }
            let now = noon + .seconds(10)
            #expect(try due(store, at: now, limit: 0) == [])
            #expect(try due(store, at: now, limit: 3) == ["c2", "c4", "c3"])
            #expect(try due(store, at: now) == ["c1"])
            #expect(try due(store, at: now) == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aClaimedMailIsTheClaimersAlone(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try start(store, "c", for: ada.id)
            let until = noon + .seconds(30)
            let items = try store.claimDueMails(now: noon, until: until, limit: 9)
            var mail = try #require(Samples.start("c", for: ada.id).mail)
            mail.claimedUntil = until
            #expect(items == [mail])
            #expect(try store.outbox(includingSent: false, limit: 9) == [mail])
            let id = ChallengeID("c")
            #expect(try store.claimMail(of: id, now: until - tick, until: until) == nil)
            #expect(try due(store, at: until - tick) == [])
            // Whoever had it died.
            #expect(try due(store, at: until) == ["c"])
        }
    }

    @Test(
        arguments: StoreKind.allCases,
        ["sent", "failed", "consumed", "tries", "expired", "clock", "disabled", "bounced"])
    func onlyAQueuedMailOfALiveCodeIsDue(_ kind: StoreKind, _ reason: String) throws {
        try withAda(kind) { store, ada in
            try start(store, "c", for: ada.id) { $0.attempts = 1 }
            let mail = MailID("mail-c")
            var now = noon
            switch reason {
            case "sent": try store.mailSent(mail, answer: "250", at: noon)
            case "failed":
                try store.mailFailed(
                    mail, answer: "550", retryAt: nil, audit: Samples.audit(.mailFailed))
            case "consumed":
                _ = try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
            case "tries": _ = try store.countAttempt(Samples.attempt("c", "a"))
            case "expired":
                now = noon + .minutes(5)
                #expect(try due(store, at: now - .seconds(30) - tick) == ["c"])
            case "clock": now = noon - .seconds(60) - tick
            case "disabled":
                var disabled = ada
                disabled.isEnabled = false
                _ = try store.updateUser(disabled, audit: Samples.audit(.userChanged))
            default:
                let user = try store.markBounced(
                    mail, recipient: ada.email, audit: Samples.audit(.mailBounced), reason: "no")
                #expect(user == nil)  // The record of the start names no mail here.
                var bounced = ada
                bounced.bounce = Bounce(at: noon, reason: "no")
                _ = try store.updateUser(bounced, audit: Samples.audit(.userChanged))
            }
            #expect(try due(store, at: now) == [])
            let id = ChallengeID("c")
            let claimed = try store.claimMail(of: id, now: now, until: now + .seconds(30))
            // By name, one more try is allowed after a failure.
            #expect((claimed != nil) == (reason == "failed"))
        }
    }

    /// A clock up to a minute behind is another process's.
    @Test(arguments: StoreKind.allCases)
    func aMinuteAheadIsStillDue(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try start(store, "c", for: ada.id)
            #expect(try due(store, at: noon - .seconds(60)) == ["c"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aMailIsTriedAgainWhenItIsDue(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try start(store, "c", for: ada.id)
            #expect(try due(store, at: noon) == ["c"])
            let retryAt = noon + .seconds(30)
            try store.mailFailed(
                MailID("mail-c"), answer: "451", retryAt: retryAt,
                audit: Samples.audit(.mailFailed, at: noon + .seconds(1)))
            let item = try #require(try store.outbox(includingSent: false, limit: 9).first)
            #expect(item.retryAt == retryAt)
            #expect(item.claimedUntil == nil)
            #expect(item.tries == 1)
            #expect(try due(store, at: retryAt - tick) == [])
            #expect(try due(store, at: retryAt) == ["c"])
        }
    }

    /// Who waits at the prompt does not wait for the schedule.
    @Test(arguments: StoreKind.allCases)
    func byNameAMailIsClaimedBeforeItIsDue(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try start(store, "c", for: ada.id)
            try store.mailFailed(
                MailID("mail-c"), answer: "451", retryAt: noon + .minutes(4),
                audit: Samples.audit(.mailFailed))
            let until = noon + .seconds(30)
            let mail = try store.claimMail(of: ChallengeID("c"), now: noon, until: until)
            #expect(mail?.claimedUntil == until)
            #expect(try due(store, at: noon) == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theOutboxIsCounted(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            #expect(
                try store.mailStatistics()
                    == MailStatistics(
                        queued: 0, failed: 0, oldestQueuedAt: nil, bouncedAddresses: 0))
            for (number, id) in ["c1", "c2", "c3", "c4"].enumerated() {
                try start(
                    store, id, for: ada.id, createdAt: noon + .seconds(Int64(number)))
            }
            try store.mailFailed(
                MailID("mail-c1"), answer: "550", retryAt: nil, audit: Samples.audit(.mailFailed))
            try store.mailSent(MailID("mail-c2"), answer: "250", at: noon)
            var bounced = ada
            bounced.bounce = Bounce(at: noon, reason: "no")
            _ = try store.updateUser(bounced, audit: Samples.audit(.userChanged))
            #expect(
                try store.mailStatistics()
                    == MailStatistics(
                        queued: 2, failed: 1, oldestQueuedAt: noon + .seconds(2),
                        bouncedAddresses: 1))
        }
    }

    /// A mail that failed for good, and one that nobody took: seven days for the administrator,
    /// but without their texts, since their codes are dead.
    @Test(arguments: StoreKind.allCases)
    func unsentMailsStayForAWeek(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for id in ["failed", "waiting", "tried", "sent"] { try start(store, id, for: ada.id) }
            try store.mailFailed(
                MailID("mail-failed"), answer: "550 no", retryAt: nil,
                audit: Samples.audit(.mailFailed))
            try store.mailFailed(
                MailID("mail-tried"), answer: "451 later", retryAt: noon + .seconds(30),
                audit: Samples.audit(.mailFailed))
            try store.mailSent(MailID("mail-sent"), answer: "250", at: noon)
            let end = noon + .minutes(5)
            #expect(try store.purge(now: end - tick, limit: 100) == 0)
            let alive = try store.outbox(includingSent: true, limit: 9)
            #expect(alive.allSatisfy { $0.sealed == [1, 2, 3] })

            // The sent one goes with its challenge, three are kept; two limit events a start
            // do not count, their day is not over.
            #expect(try store.purge(now: end, limit: 100) == 2 + 3)
            let kept = try store.outbox(includingSent: true, limit: 9)
            #expect(kept.map(\.challenge.text) == ["tried", "waiting", "failed"])
            #expect(kept.allSatisfy { $0.state == .failed && $0.sealed.isEmpty })
            #expect(kept.allSatisfy { $0.retryAt == nil })
            let expired = "its code expired before it could be sent"
            #expect(kept.map(\.lastAnswer) == ["451 later; \(expired)", expired, "550 no"])
            #expect(try store.countAttempt(Samples.attempt("failed", "a", at: end)) == .expired)
            #expect(try store.mailStatistics().failed == 3)

            let week = end + .days(7)
            _ = try store.purge(now: week - tick, limit: 100)
            #expect(try store.outbox(includingSent: true, limit: 9) == kept)
            #expect(try store.purge(now: week, limit: 100) == 6)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
        }
    }

    /// Of more than go into one step, none is deleted before it was marked.
    @Test(arguments: StoreKind.allCases)
    func noUnsentMailGoesUnseen(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for number in 0..<5 { try start(store, "c\(number)", for: ada.id) }
            let end = noon + .minutes(5)
            var failed: [Int] = []
            while try store.purge(now: end, limit: 2) > 0 {
                failed.append(try store.mailStatistics().failed)
            }
            #expect(failed == [2, 4, 5])
            #expect(try store.mailStatistics().queued == 0)
        }
    }

    /// Failed for good, tried again by name, and taken: not failed any more.
    @Test(arguments: StoreKind.allCases)
    func aMailThatWentInTheEndGoesWithItsCode(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try start(store, "c", for: ada.id)
            let mail = MailID("mail-c")
            try store.mailFailed(
                mail, answer: "550", retryAt: nil, audit: Samples.audit(.mailFailed))
            _ = try store.claimMail(of: ChallengeID("c"), now: noon, until: noon + .seconds(30))
            try store.mailSent(mail, answer: "250", at: noon)
            #expect(try store.purge(now: noon + .minutes(5), limit: 9) == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func neverTwoHaveOneMail(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for number in 0..<20 { try start(store, "c\(number)", for: ada.id) }
            let claims = try race(32) { _ in
                Result {
                    try store.claimDueMails(
                        now: Samples.noon, until: Samples.noon + .seconds(30), limit: 3)
                }
            }.flatMap { try $0.get().map(\.id.text) }
            #expect(claims.count == 20)
            #expect(Set(claims).count == 20)
        }
    }

    @Test(arguments: StoreKind.shared)
    func neverTwoProcessesHaveOneMail(_ kind: StoreKind) throws {
        try withPlace(kind) { place, store in
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            for number in 0..<40 { try start(store, "c\(number)", for: ada.id) }
            var claims = try Racer.race("courier", place, processes: 8, threads: 8)
            #expect(claims.removeValue(forKey: "none") == 24)
            #expect(claims.count == 40)
            #expect(claims.values.allSatisfy { $0 == 1 })
        }
    }
}

@Suite("The schedule of tries")
struct RetryScheduleTests {
    @Test("is 30 seconds, 1, 2, 4 minutes, and then 4 minutes")
    func gaps() {
        let gaps = [-1, 0, 1, 2, 3, 4, 5, 99].map { RetrySchedule.gap(afterTries: $0) }
        let minutes = [1, 2, 4, 4, 4].map { Span.minutes($0) }
        #expect(gaps == [.seconds(30), .seconds(30), .seconds(30)] + minutes)
    }

    @Test("counts the tries of all couriers, and ends where the relay says never")
    func delivery() throws {
        let store = MemoryStore()
        let ada = try Samples.user("ada")
        try store.addUser(ada, audit: Samples.audit(.userAdded))
        _ = try store.startChallenge(Samples.start("c", for: ada.id))
        let mailer = RecordingMailer()
        let clock = ManualClock(Samples.noon)
        let delivery = Delivery(store: store, mailer: mailer, clock: clock)
        let message = MailMessage(
            to: ada.email, toName: nil, subject: "s", text: "t", messageID: "mail-c", date: 0)
        mailer.fail(with: MailError(.temporary, "451"))
        for (tries, gap) in [Span.seconds(30), .minutes(1), .minutes(2)].enumerated() {
            let mail = PendingMail(id: MailID("mail-c"), message: message, tries: tries)
            #expect(delivery.deliver(mail).failure?.code == .temporary)
            let item = try store.outbox(includingSent: true, limit: 1).first
            #expect(item?.retryAt == clock.now + gap)
            #expect(item?.tries == tries + 1)
            #expect(item?.state == .queued)
            clock.advance(by: gap)
        }
        mailer.fail(with: MailError(.rejected, "550"))
        _ = delivery.deliver(PendingMail(id: MailID("mail-c"), message: message, tries: 3))
        let item = try store.outbox(includingSent: true, limit: 1).first
        #expect(item?.state == .failed)
        #expect(item?.retryAt == nil)
    }
}
