import DoorpostCore
import DoorpostTesting
import Testing

/// What users may do to their own accounts.
@Suite struct AccountTests {
    let noon = Samples.noon

    @Test(arguments: StoreKind.allCases)
    func aNameIsReplacedAndNothingElse(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            var expected = ada
            for name in ["Ada Lovelace", nil, "Zo\u{eb}"] {
                let audit = Samples.audit(.userChanged, user: ada.id)
                let isThere = try store.setName(name, of: ada.id, audit: audit)
                #expect(isThere)
                expected.name = name
                #expect(try store.user(.id(ada.id)) == expected)
            }
            #expect(
                try store.auditKinds()
                    == [.userAdded, .userChanged, .userChanged, .userChanged])
        }
    }

    /// Who is disabled at the same moment stays disabled, with the name as it was.
    @Test(arguments: StoreKind.allCases)
    func whoIsDisabledOrGoneGetsNoName(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            var disabled = ada
            disabled.isEnabled = false
            #expect(try store.updateUser(disabled, audit: Samples.audit(.userChanged)))
            let before = try store.auditKinds()
            for id in [ada.id, UserID("gone")] {
                #expect(try !store.setName("x", of: id, audit: Samples.audit(.userChanged)))
            }
            #expect(try store.user(.id(ada.id)) == disabled)
            #expect(try store.auditKinds() == before)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whoHasNoLoginIsDeletedWithAll(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let audit = Samples.audit(.userDeleted, user: ada.id)
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            #expect(
                try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
                    == .consumed)
            let before = try store.snapshot()
            let trail = try store.auditKinds()
            #expect(try !store.deleteUserWithoutLogin(ada.id, audit: audit))
            #expect(try !store.deleteUserWithoutLogin(UserID("gone"), audit: audit))
            #expect(try store.snapshot() == before)
            #expect(try store.auditKinds() == trail)

            var plain = ada
            plain.login = nil
            #expect(try store.updateUser(plain, audit: Samples.audit(.userChanged)))
            #expect(try store.deleteUserWithoutLogin(ada.id, audit: audit))
            #expect(try store.users(after: nil, limit: 9).isEmpty)
            #expect(try store.session(SessionID("session-a")) == nil)
            #expect(try store.auditKinds().last == .userDeleted)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theNewestLiveChallengeIsFound(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let subject = "name:\(ada.id)"
            func newest(
                _ subject: String, _ purpose: String = "pam/sshd/host-a", at now: Timestamp
            ) throws -> String? {
                try store.newestChallenge(subject: subject, purpose: purpose, now: now)?.text
            }
            let none = try newest(subject, at: noon)
            #expect(none == nil)
            for (index, id) in ["c1", "c2", "c3"].enumerated() {
                let start = Samples.start(
                    id, for: ada.id, at: noon + .seconds(Int64(index))
                ) {
                    $0.resendAfter = .seconds(0)
                    if id == "c3" { $0.purpose = "other" }
                }
                #expect(try store.startChallenge(start).started != nil)
            }
            #expect(try newest(subject, at: noon + .seconds(3)) == "c2")
            #expect(try newest(subject, "other", at: noon + .seconds(3)) == "c3")
            #expect(try newest("name:eve", at: noon + .seconds(3)) == nil)
            #expect(try newest(subject, "none", at: noon + .seconds(3)) == nil)
            // No attempts left.
            for attempt in ["a1", "a2", "a3"] {
                #expect(
                    try store.countAttempt(
                        Samples.attempt("c2", attempt, at: noon + .seconds(3))
                    ).counted != nil)
            }
            #expect(try newest(subject, at: noon + .seconds(3)) == "c1")
            // Expired, or from a time that is yet to come.
            #expect(try newest(subject, at: noon + .minutes(5)) == nil)
            #expect(try newest(subject, at: noon - .seconds(60)) == "c1")
            #expect(try newest(subject, at: noon - .seconds(61)) == nil)
            // Consumed.
            #expect(
                try store.consumeChallenge(
                    Samples.consumption("c1", "b", user: ada.id, at: noon + .seconds(3)))
                    == .consumed)
            #expect(try newest(subject, at: noon + .seconds(3)) == nil)
        }
    }

    /// A decoy is found like any other: who asks must not tell them apart.
    @Test(arguments: StoreKind.allCases)
    func aDecoyIsFound(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let started = try store.startChallenge(Samples.start("d", for: nil)).started
            #expect(started != nil)
            #expect(
                try store.newestChallenge(
                    subject: "decoy:x", purpose: "pam/sshd/host-a", now: noon)
                    == ChallengeID("d"))
        }
    }
}
