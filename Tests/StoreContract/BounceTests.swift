import DoorpostCore
import DoorpostTesting
import Testing

/// Mails that come back.
@Suite struct BounceTests {
    let noon = Samples.noon
    let mail = MailID("mail-c")

    /// Ada, mailed at noon, with the record that tells whose mail it was.
    private func withMail(_ kind: StoreKind, _ body: (any Store, User) throws -> Void) throws {
        try withAda(kind) { store, ada in
            let start = Samples.start("c", for: ada.id) { $0.audit.detail = mail.auditDetail }
            _ = try store.startChallenge(start)
            try body(store, ada)
        }
    }

    private func bounce(
        _ store: any Store, _ id: MailID, from recipient: EmailAddress, at now: Timestamp
    ) throws -> User? {
        try store.markBounced(
            id, recipient: recipient, audit: Samples.audit(.mailBounced, at: now),
            reason: "550 no such user")
    }

    @Test(arguments: StoreKind.allCases)
    func theUserIsMarkedLongAfterTheCode(_ kind: StoreKind) throws {
        try withMail(kind) { store, ada in
            try store.mailSent(mail, answer: "250", at: noon)
            let later = noon + .days(3)
            _ = try store.purge(now: later, limit: 100)
            var marked = ada
            marked.bounce = Bounce(at: later, reason: "550 no such user")
            #expect(try bounce(store, mail, from: ada.email, at: later) == marked)
            #expect(try store.user(.id(ada.id)) == marked)
            #expect(try store.users(after: nil, limit: 9) == [marked])
            let record = try store.auditTrail(AuditQuery()).last?.event
            #expect(record == Samples.audit(.mailBounced, at: later, user: ada.id))
        }
    }

    /// Anybody can send us a bounce; who does not know the mail's id and the address marks nobody.
    @Test(
        arguments: StoreKind.allCases,
        ["id", "part of an id", "recipient", "changed", "deleted", "stranger", "other record"])
    func nobodyElseIsMarked(_ kind: StoreKind, _ reason: String) throws {
        try withMail(kind) { store, ada in
            let eve = try Samples.user("eve")
            try store.addUser(eve, audit: Samples.audit(.userAdded))
            var (id, recipient) = (mail, ada.email)
            switch reason {
            case "id": id = MailID("mail-x")
            case "part of an id": id = MailID("mail-")
            case "recipient": recipient = eve.email
            case "changed":
                var changed = ada
                changed.email = try #require(EmailAddress("ada@elsewhere.example"))
                _ = try store.updateUser(changed, audit: Samples.audit(.userChanged))
            case "deleted": _ = try store.deleteUser(ada.id, audit: Samples.audit(.userDeleted))
            case "stranger":
                // Of a decoy, or a sign-up that came to nothing.
                id = MailID("mail-d")
                _ = try store.startChallenge(
                    Samples.start("d", for: nil) { $0.audit.detail = id.auditDetail })
            default:
                id = MailID("mail-e")
                try store.appendAudit(
                    Samples.audit(.userChanged, user: ada.id, detail: id.auditDetail))
            }
            let before = try store.snapshot()
            let trail = try store.auditKinds()
            #expect(try bounce(store, id, from: recipient, at: noon) == nil)
            #expect(try store.snapshot() == before)
            #expect(try store.auditKinds() == trail)
        }
    }

    @Test(arguments: StoreKind.allCases, ["code", "address", "administrator", "name"])
    func theMarkGoes(_ kind: StoreKind, _ way: String) throws {
        try withMail(kind) { store, ada in
            var user = try #require(try bounce(store, mail, from: ada.email, at: noon))
            switch way {
            case "code":
                #expect(
                    try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
                        == .consumed)
            case "address":
                user.email = try #require(EmailAddress("ada@elsewhere.example"))
                _ = try store.updateUser(user, audit: Samples.audit(.userChanged))
            case "administrator":
                user.bounce = nil
                _ = try store.updateUser(user, audit: Samples.audit(.userChanged))
            default:
                // Not by any other change.
                user.name = "Ada L."
                _ = try store.updateUser(user, audit: Samples.audit(.userChanged))
            }
            #expect((try store.user(.id(ada.id))?.bounce == nil) == (way != "name"))
        }
    }

    /// Only a consumed code takes the mark away, not one that was refused.
    @Test(arguments: StoreKind.allCases)
    func aRefusedCodeLeavesTheMark(_ kind: StoreKind) throws {
        try withMail(kind) { store, ada in
            let marked = try bounce(store, mail, from: ada.email, at: noon)
            let late = Samples.consumption("c", "a", user: ada.id, at: noon + .minutes(5))
            #expect(try store.consumeChallenge(late) == .expired)
            #expect(try store.user(.id(ada.id)) == marked)
        }
    }

    /// A live challenge does not mail to the address either.
    @Test(arguments: StoreKind.allCases)
    func aResendMailsNothingMeanwhile(_ kind: StoreKind) throws {
        try withMail(kind) { store, ada in
            try store.mailSent(mail, answer: "250", at: noon)
            _ = try bounce(store, mail, from: ada.email, at: noon)
            let now = noon + .seconds(60)
            let result = try store.resendChallenge(Samples.resend("c", at: now))
            #expect(result.queued?.mailedAt == now)
            #expect(result.mail == nil)
            let until = now + .seconds(30)
            #expect(try store.claimDueMails(now: now, until: until, limit: 9).isEmpty)
            #expect(try store.outbox(includingSent: false, limit: 9).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func everyFieldOfAMarkIsKept(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            var ada = try Samples.user("ada")
            ada.bounce = Bounce(at: Timestamp(milliseconds: 1), reason: "")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            #expect(try store.user(.id(ada.id)) == ada)
        }
    }
}
