import DoorpostCore
import DoorpostTesting
import Testing

/// The outbox, login sessions and the audit trail.
@Suite struct RecordTests {
    let noon = Samples.noon

    private func sampleMail(_ store: any Store) throws -> OutboxItem? {
        try store.outbox(includingSent: true, limit: 9).first { $0.id == MailID("mail-c") }
    }

    @Test(arguments: StoreKind.allCases)
    func aMailIsTriedUntilItIsSentOrRefused(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let mail = MailID("mail-c")
            let later = noon + .seconds(30)
            try store.mailFailed(
                mail, answer: "450 later", retryAt: Samples.noon,
                audit: Samples.audit(.mailFailed, at: later))
            var item = try #require(try sampleMail(store))
            #expect(item.state == .queued)
            #expect(item.tries == 1)
            #expect(item.lastTryAt == later)
            #expect(item.lastAnswer == "450 later")
            #expect(try store.auditKinds().last == .mailFailed)

            try store.mailSent(mail, answer: "250 ok", at: later + .seconds(1))
            item = try #require(try sampleMail(store))
            #expect(item.state == .sent)
            #expect(item.tries == 2)
            #expect(item.lastAnswer == "250 ok")
            #expect(try store.outbox(includingSent: false, limit: 9).isEmpty)

            // A second courier was slower: what is sent stays sent.
            try store.mailFailed(
                mail, answer: "450", retryAt: nil, audit: Samples.audit(.mailFailed))
            #expect(try sampleMail(store) == item)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aMailRefusedForGoodStaysVisible(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            try store.mailFailed(
                MailID("mail-c"), answer: "550 no", retryAt: nil,
                audit: Samples.audit(.mailFailed))
            let open = try store.outbox(includingSent: false, limit: 9)
            #expect(open.map(\.state) == [.failed])
            // A mail that is gone is nobody's fault.
            try store.mailSent(MailID("x"), answer: "250", at: noon)
            try store.mailFailed(
                MailID("x"), answer: "550", retryAt: nil, audit: Samples.audit(.mailFailed))
            #expect(try store.outbox(includingSent: true, limit: 9).count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theNewestMailsComeFirst(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for (number, seconds) in [0, 120, 60, 120].enumerated() {
                let start = Samples.start("c\(number)", for: ada.id) {
                    $0.resendAfter = .seconds(0)
                    $0.maximumLive = 9
                    $0.mail?.createdAt = noon + .seconds(Int64(seconds))
                }
                #expect(try store.startChallenge(start).started != nil)
            }
            let all = try store.outbox(includingSent: false, limit: 9).map(\.challenge.text)
            #expect(all == ["c3", "c1", "c2", "c0"])
            let some = try store.outbox(includingSent: true, limit: 2).map(\.challenge.text)
            #expect(some == ["c3", "c1"])
            #expect(try store.outbox(includingSent: true, limit: 0).isEmpty)
        }
    }

    private func signIn(_ store: any Store, _ id: String, _ user: User, at now: Timestamp) throws {
        let start = Samples.start(id, for: user.id, at: now) { $0.mailRates = [] }
        _ = try store.startChallenge(start)
        let consumption = Samples.consumption(id, id, user: user.id, at: now)
        #expect(try store.consumeChallenge(consumption) == .consumed)
    }

    @Test(arguments: StoreKind.allCases)
    func aSessionIsRevokedOnce(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try signIn(store, "c", ada, at: noon)
            let id = SessionID("session-c")
            let later = noon + .hours(1)
            #expect(try store.revokeSession(id, audit: Samples.audit(.sessionRevoked, at: later)))
            #expect(try store.session(id)?.revokedAt == later)
            let again = Samples.audit(.sessionRevoked, at: later + .seconds(1))
            #expect(try !store.revokeSession(id, audit: again))
            #expect(try !store.revokeSession(SessionID("x"), audit: again))
            #expect(try store.session(id)?.revokedAt == later)
            #expect(try store.auditKinds().filter { $0 == .sessionRevoked }.count == 1)
            #expect(try store.sessions(of: nil, now: later, limit: 9).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aSessionLivesUntilTheMillisecondItExpires(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            try signIn(store, "c", ada, at: noon)
            let end = noon + .hours(12)
            let last = end - Span(milliseconds: 1)
            #expect(try store.sessions(of: ada.id, now: last, limit: 9).count == 1)
            #expect(try store.sessions(of: ada.id, now: end, limit: 9).isEmpty)
            let late = Samples.audit(.sessionRevoked, at: end)
            #expect(try !store.revokeSession(SessionID("session-c"), audit: late))
            #expect(try store.revokeSessions(of: ada.id, audit: late) == 0)
            #expect(try store.session(SessionID("session-c"))?.revokedAt == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func sessionsAreListedNewestFirstAndRevokedByUser(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let eve = try Samples.user("eve")
            try store.addUser(eve, audit: Samples.audit(.userAdded))
            try signIn(store, "a1", ada, at: noon)
            try signIn(store, "e1", eve, at: noon + .seconds(1))
            try signIn(store, "a2", ada, at: noon + .seconds(2))
            let now = noon + .minutes(1)
            func ids(_ user: UserID?, _ limit: Int) throws -> [String] {
                try store.sessions(of: user, now: now, limit: limit).map(\.id.text)
            }
            #expect(try ids(nil, 9) == ["session-a2", "session-e1", "session-a1"])
            #expect(try ids(nil, 1) == ["session-a2"])
            #expect(try ids(ada.id, 9) == ["session-a2", "session-a1"])
            let audit = Samples.audit(.sessionRevoked, at: now)
            #expect(try store.revokeSessions(of: ada.id, audit: audit) == 2)
            #expect(try ids(nil, 9) == ["session-e1"])
            #expect(try store.revokeSessions(of: ada.id, audit: audit) == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theTrailIsReadForwardsFromARecordElseTheNewest(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            for number in 0..<6 {
                try store.appendAudit(
                    Samples.audit(
                        at: noon + .seconds(Int64(number)),
                        user: number % 2 == 0 ? UserID("even") : nil, detail: "\(number)"))
            }
            func details(_ query: AuditQuery) throws -> String {
                try store.auditTrail(query).map(\.event.detail).joined()
            }
            let all = try store.auditTrail(AuditQuery())
            #expect(all.map(\.event.detail).joined() == "012345")
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
            #expect(
                all[2].event
                    == Samples.audit(at: noon + .seconds(2), user: UserID("even"), detail: "2"))
            #expect(try details(AuditQuery(limit: 2)) == "45")
            #expect(try details(AuditQuery(after: all[1].sequence, limit: 2)) == "23")
            #expect(try details(AuditQuery(user: UserID("even"))) == "024")
            #expect(try details(AuditQuery(user: UserID("even"), limit: 2)) == "24")
            #expect(try details(AuditQuery(since: noon + .seconds(4))) == "45")
            #expect(
                try details(
                    AuditQuery(after: all[0].sequence, user: UserID("even"), since: noon, limit: 1))
                    == "2")
            #expect(try details(AuditQuery(limit: 0)).isEmpty)
        }
    }
}
