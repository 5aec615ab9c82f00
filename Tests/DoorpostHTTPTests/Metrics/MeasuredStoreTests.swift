import DoorpostCore
import DoorpostTesting
import Synchronization
import Testing

@testable import DoorpostHTTP

@Suite("The measured store")
struct MeasuredStoreTests {
    private final class Calls: Sendable {
        let names = Mutex<[String]>([])
    }

    @Test("forwards every call once, and measures it")
    func forwards() throws {
        let base = HookedStore(MemoryStore())
        let calls = Calls()
        base.hook { (name) throws(StoreError) in calls.names.withLock { $0.append(name) } }
        let metrics = DoorMetrics(PrometheusRegistry(), version: "1")
        try callAll(MeasuredStore(base, metrics: metrics))
        let names = calls.names.withLock { $0 }
        #expect(names.count == StoreIntent.allCases.count)
        #expect(Set(names).count == names.count)
        for intent in StoreIntent.allCases {
            let series = "store_duration_seconds_count{intent=\"\(intent.rawValue)\"} 1\n"
            #expect(metrics.text.contains(series), "\(intent)")
        }
    }

    /// Each answer must be the base's, so one call builds on another.
    private func callAll(_ store: MeasuredStore) throws {
        let (now, ada) = (Samples.noon, try Samples.user("ada"))
        try store.checkWritable()
        try store.addUser(ada, audit: Samples.audit(.userAdded))
        #expect(try store.user(.id(ada.id)) == ada)
        #expect(try store.users(after: nil, limit: 9) == [ada])
        #expect(try store.updateUser(ada, audit: Samples.audit(.userChanged)))
        #expect(try store.users(UserQuery(limit: 9)) == [ada])
        #expect(
            try store.changeUser(ada.id, audit: Samples.audit(.userChanged)) { _ in }
                == .unchanged(ada))
        try store.addGroup(
            UserGroup(name: "g", createdAt: now), audit: Samples.audit(.groupAdded))
        #expect(try store.group("g")?.name == "g")
        #expect(try store.groups(after: "a", limit: 9).contains { $0.name == "g" })
        #expect(
            try store.setMember(
                ada.id, of: "g", to: false, audit: Samples.audit(.userChanged)) == .unchanged)
        #expect(try store.users(inGroup: "g", after: nil, limit: 9).isEmpty)
        #expect(try store.removeGroup("g", audit: Samples.audit(.groupRemoved)))
        #expect(try store.setName(ada.name, of: ada.id, audit: Samples.audit(.userChanged)))
        #expect(try !store.deleteUserWithoutLogin(ada.id, audit: Samples.audit(.userDeleted)))
        _ = try store.startChallenge(Samples.start("c", for: ada.id))
        let newest = try store.newestChallenge(
            subject: "name:\(ada.id)", purpose: "pam/sshd/host-a", now: now)
        #expect(newest == ChallengeID("c"))
        #expect(try store.keepRounds(Samples.rounds("c"))?.sealedRounds == [9, 9])
        let claim = now + .seconds(30)
        #expect(try store.claimMail(of: ChallengeID("c"), now: now, until: claim) != nil)
        #expect(try store.extendClaim(MailID("mail-c"), from: claim, until: claim + .seconds(1)))
        #expect(try store.mailStatistics().queued == 1)
        #expect(try store.outbox(includingSent: false, limit: 9).count == 1)
        #expect(try store.claimDueMails(now: now + .minutes(1), until: claim, limit: 9).count == 1)
        try store.mailFailed(
            MailID("mail-c"), answer: "451", retryAt: now, audit: Samples.audit(.mailFailed))
        try store.mailSent(MailID("mail-c"), answer: "250", at: now)
        let bounced = try store.markBounced(
            MailID("nothing"), recipient: ada.email, audit: Samples.audit(.mailBounced),
            reason: "")
        #expect(bounced == nil)
        guard case .queued = try store.resendChallenge(Samples.resend("c", at: now + .minutes(2)))
        else { throw Samples.Unfit() }
        guard case .counted = try store.countAttempt(Samples.attempt("c", "a")) else {
            throw Samples.Unfit()
        }
        guard
            case .consumed = try store.consumeChallenge(
                Samples.consumption("c", "a", user: ada.id))
        else { throw Samples.Unfit() }
        try store.endChallenge(Samples.end("c"))
        let session = SessionID("session-a")
        #expect(try store.session(session) != nil)
        #expect(try store.sessions(of: ada.id, now: now, limit: 9).count == 1)
        let rotation = RefreshRotation(
            session: session, generation: 0, service: "sshd", now: now, grace: .seconds(1),
            audit: Samples.audit(.refreshReused))
        guard case .ended = try store.rotateRefresh(rotation) else { throw Samples.Unfit() }
        #expect(try store.revokeSession(session, audit: Samples.audit(.sessionRevoked)))
        #expect(try store.revokeSessions(of: ada.id, audit: Samples.audit(.sessionRevoked)) == 0)
        let client = AppClient(id: ClientID("c"), name: "app", createdAt: now)
        try store.addClient(client, audit: Samples.audit(.clientAdded))
        #expect(try store.client(client.id) == client)
        #expect(try store.clients() == [client])
        #expect(try store.removeClient(client.id, audit: Samples.audit(.clientRemoved)))
        let key = APIKey(id: APIKeyID("k"), name: "key", sealedSecret: [1], createdAt: now)
        try store.addAPIKey(key, audit: Samples.audit(.apiKeyAdded))
        #expect(try store.apiKey(key.id) == key)
        #expect(try store.apiKeys() == [key])
        #expect(try store.removeAPIKey(key.id, audit: Samples.audit(.apiKeyRemoved)))
        #expect(try store.useSignature("s", expiresAt: now))
        let host = EnrolledHost(id: HostID("h"), name: "web1", keyHash: [1], createdAt: now)
        try store.addHost(host, audit: Samples.audit(.hostAdded))
        #expect(try store.host(host.id) == host)
        #expect(try store.hosts() == [host])
        #expect(try store.revokeHost(named: "web1", audit: Samples.audit(.hostRevoked)))
        #expect(try !store.hasSignedIn(ada.id, from: "192.0.2.1"))
        try store.appendAudit(Samples.audit(.limited))
        #expect(try store.auditTrail(AuditQuery()).last?.event.kind == .limited)
        #expect(try store.purge(now: now + .days(10), limit: 9) > 0)
        #expect(try store.deleteUser(ada.id, audit: Samples.audit(.userDeleted)))
    }

    @Test("measures failures, and passes them on")
    func failures() {
        let base = HookedStore(MemoryStore())
        base.fail(with: StoreError(.busy, "locked"))
        let metrics = DoorMetrics(PrometheusRegistry(), version: "1")
        #expect(throws: StoreError(.busy, "")) {
            try MeasuredStore(base, metrics: metrics).checkWritable()
        }
        #expect(metrics.text.contains(#"seconds_count{intent="check_writable"} 1"# + "\n"))
    }
}
