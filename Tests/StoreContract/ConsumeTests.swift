import DoorpostCore
import DoorpostTesting
import Testing

@Suite struct ConsumeTests {
    let noon = Samples.noon

    @Test(arguments: StoreKind.allCases)
    func consumingBeginsTheSession(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            _ = try store.countAttempt(Samples.attempt("c", "a"))
            let consumption = Samples.consumption("c", "a", user: ada.id)
            #expect(try store.consumeChallenge(consumption) == .consumed)
            #expect(try store.session(consumption.session.id) == consumption.session)
            #expect(
                try store.sessions(of: ada.id, now: noon, limit: 9) == [consumption.session])
            #expect(try store.auditKinds() == [.userAdded, .codeRequested, .signedIn])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aCodeIsConsumedOnce(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            _ = try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
            let before = try store.snapshot()
            let again = Samples.consumption("c", "b", user: ada.id)
            #expect(try store.consumeChallenge(again) == .alreadyConsumed)
            #expect(try store.snapshot() == before)
            #expect(try store.auditKinds() == [.userAdded, .codeRequested, .signedIn])
        }
    }

    /// The last attempt may be the right one.
    @Test(arguments: StoreKind.allCases)
    func noAttemptsNeedBeLeft(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id) { $0.attempts = 1 })
            #expect(try store.countAttempt(Samples.attempt("c", "a")).counted != nil)
            let consumption = Samples.consumption("c", "a", user: ada.id)
            #expect(try store.consumeChallenge(consumption) == .consumed)
        }
    }

    /// A mail still in the queue would only bring a dead code; one that is sent leaves its row.
    @Test(arguments: StoreKind.allCases, OutboxItem.State.allCases)
    func theMailIsErased(_ kind: StoreKind, _ state: OutboxItem.State) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let mail = MailID("mail-c")
            switch state {
            case .queued: break
            case .sent: try store.mailSent(mail, answer: "250", at: noon)
            case .failed:
                try store.mailFailed(
                    mail, answer: "550", retryAt: nil, audit: Samples.audit(.mailFailed))
            }
            _ = try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
            let left = try store.outbox(includingSent: true, limit: 9)
            #expect(left.map(\.state) == (state == .queued ? [] : [state]))
            #expect(left.allSatisfy { $0.sealed.isEmpty })
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRefusalWritesNothing(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            _ = try store.countAttempt(
                Samples.attempt("c", "a") { $0.accountRates = [Rate(1, per: .days(1))] })
            let before = try store.snapshot()
            let late = Samples.consumption("c", "a", user: ada.id, at: noon + .minutes(5))
            #expect(try store.consumeChallenge(late) == .expired)
            let unknown = Samples.consumption("x", "a", user: ada.id)
            #expect(try store.consumeChallenge(unknown) == .userGone)
            #expect(try store.snapshot() == before)
            #expect(try store.auditKinds() == [.userAdded, .codeRequested])
            // The failure stays counted.
            let next = Samples.attempt("c", "b") { $0.accountRates = [Rate(1, per: .days(1))] }
            #expect(try store.countAttempt(next).hit != nil)
        }
    }
}
