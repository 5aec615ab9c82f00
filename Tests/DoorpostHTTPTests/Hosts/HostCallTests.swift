import DoorpostTesting
import Foundation
import HTTPTypes
import Testing

@testable import DoorpostCore
@testable import DoorpostHTTP

@Suite("What a host may ask")
struct HostCallTests {
    private let fixture: RuntimeFixture
    private let web1: HostKey
    private let web2: HostKey

    init() throws {
        fixture = try RuntimeFixture()
        (web1, web2) = (try Self.enroll("web1", fixture), try Self.enroll("web2", fixture))
        try fixture.store.addUser(
            try Samples.user("ada"), audit: Samples.audit(.userAdded))
    }

    private static func enroll(_ name: String, _ fixture: RuntimeFixture) throws -> HostKey {
        let (host, key) = EnrolledHost.make(
            name: name, keys: fixture.flow.keys, random: SystemRandom(), at: fixture.clock.now)
        try fixture.store.addHost(host, audit: Samples.audit(.hostAdded))
        return key
    }

    private func ask<Reply: Decodable>(
        _ handler: any Handler, _ body: some Encodable, by authorization: String?,
        for reply: Reply.Type
    ) async throws -> Reply {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.authorization] = authorization
        let call = Call(
            method: .post, path: "/host", query: nil, headers: headers,
            body: Array(try JSONEncoder().encode(body)), source: Source("198.51.100.9"), id: "call")
        let answer = try await handler.answer(call, fixture.parts)
        #expect(answer.status == .ok)
        return try JSONDecoder().decode(reply, from: Data(answer.body))
    }

    private func account(_ login: String, host: String = "web1", by authorization: String?)
        async throws -> String
    {
        try await ask(
            HostAccountCall(), HostAccount(host: host, login: login), by: authorization,
            for: HostAccountAnswer.self
        ).state
    }

    private func refusal(_ body: () async throws -> Void) async -> APIError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? APIError
        }
    }

    @Test("is who is enrolled, with its own credential")
    func asked() async throws {
        let bearer = "Bearer \(web1.text)"
        #expect(try await account("ada", by: bearer) == "enabled")
        for nobody in ["bob", "", "../x", "ada\0"] {
            #expect(try await account(nobody, by: bearer) == "not_enrolled")
        }
        // The scheme's name is not case sensitive.
        #expect(try await account("ada", by: "bearer \(web1.text)") == "enabled")
    }

    @Test("is nothing without a credential of ours, and the trail is not filled with it")
    func forged() async throws {
        let swapped = "dph_\(web1.id)_\(web2.text.suffix(50))"
        let unknown = HostKey.draw(from: SystemRandom()).text
        let before = try fixture.store.auditTrail(AuditQuery()).count
        for credential in [
            nil, "", "Bearer", "Bearer ", "Basic \(web1.text)", web1.text, "Bearer x",
            "Bearer \(web1.text)x", "Bearer \(swapped)", "Bearer \(unknown)",
            "Bearer \(web1.text) \(web1.text)",
        ] {
            let error = await refusal { _ = try await account("ada", by: credential) }
            #expect(error?.status == .unauthorized && error?.code == .hostUnknown)
            #expect(error?.detail?.contains(String(web1.text.suffix(50))) == false)
        }
        #expect(try fixture.store.auditTrail(AuditQuery()).count == before)
    }

    @Test("is nothing about another host, and that is written down")
    func other() async throws {
        for name in ["web2", "WEB1", "web1 ", "", "web1\u{1b}[31m"] {
            let error = await refusal {
                _ = try await account("ada", host: name, by: "Bearer \(web1.text)")
            }
            #expect(error?.status == .forbidden && error?.code == .hostMismatch)
            #expect(error?.message.contains("for host web1;") == true)
            let last = try #require(try fixture.store.auditTrail(AuditQuery()).last?.event)
            #expect(last.kind == .hostRefused && last.host == "web1")
            #expect(last.source == "198.51.100.9" && !last.detail.contains("\u{1b}"))
        }
    }

    @Test("is nothing once it is revoked, whatever it calls itself")
    func revoked() async throws {
        let audit = Samples.audit(.hostRevoked, at: fixture.clock.now)
        #expect(try fixture.store.revokeHost(named: "web1", audit: audit))
        for name in ["web1", "web2"] {
            let error = await refusal {
                _ = try await account("ada", host: name, by: "Bearer \(web1.text)")
            }
            #expect(error?.status == .forbidden && error?.code == .hostRevoked)
            let last = try fixture.store.auditTrail(AuditQuery()).last?.event
            #expect(last?.kind == .hostRefused)
        }
        // Another credential for the same name is good; the old one is not again.
        let renewed = try Self.enroll("web1", fixture)
        #expect(try await account("ada", by: "Bearer \(renewed.text)") == "enabled")
        let error = await refusal { _ = try await account("ada", by: "Bearer \(web1.text)") }
        #expect(error?.code == .hostRevoked)
    }

    private func initiate(_ login: String, on host: String, by key: HostKey, source: String)
        async throws -> InitiateOutcome.Started
    {
        let context = SignInContext(
            door: .pam, service: "sshd", host: host, source: Source(source), tty: "ssh")
        let answer = try await ask(
            HostInitiateCall(metrics: fixture.metrics), HostInitiate(login: login, in: context),
            by: "Bearer \(key.text)", for: HostInitiated.self)
        guard case .started(let started)? = answer.initiateOutcome else { throw Samples.Unfit() }
        return started
    }

    private func verify(
        _ typed: String, _ challenge: ChallengeID, on host: String, by key: HostKey,
        service: String = "sshd"
    ) async throws -> VerifyOutcome {
        let context = SignInContext(
            door: .pam, service: service, host: host, source: Source("192.0.2.7"), tty: "ssh")
        let answer = try await ask(
            HostVerifyCall(metrics: fixture.metrics),
            HostVerify(CodeAnswer(typed.utf8), session: challenge.text, in: context),
            by: "Bearer \(key.text)", for: HostVerified.self)
        return try #require(answer.verifyOutcome(in: context))
    }

    private func mailedCode() throws -> String {
        let item = try #require(try fixture.store.outbox(includingSent: true, limit: 9).last)
        return try fixture.flow.keys.open(item).code
    }

    @Test("is a sign-in on itself, whose code opens it nowhere else")
    func signIn() async throws {
        let started = try await initiate("ada", on: "web1", by: web1, source: "192.0.2.7")
        #expect(!started.isDecoy)
        let code = try mailedCode()
        // Another host that has come by handle and code.
        guard
            case .unknownChallenge = try await verify(code, started.live.id, on: "web2", by: web2),
            case .unknownChallenge = try await verify(
                code, started.live.id, on: "web1", by: web1, service: "sudo"),
            case .unknownChallenge = try await verify(
                code, ChallengeID("nonsense"), on: "web1", by: web1)
        else {
            Issue.record("a code of one host was looked at for another")
            return
        }
        guard
            case .signedIn(let signIn) = try await verify(
                code, started.live.id, on: "web1", by: web1)
        else {
            Issue.record("not signed in")
            return
        }
        let session = try #require(try fixture.store.session(signIn.session.id))
        #expect(session.host == "web1" && session.sourceKey == "host:\(web1.id)|192.0.2.7")
        #expect(signIn.user.login?.name == "ada")
    }

    @Test("leaves no session of somebody whose login name was taken away meanwhile")
    func loginGone() async throws {
        let started = try await initiate("ada", on: "web1", by: web1, source: "192.0.2.7")
        let code = try mailedCode()
        var ada = try Samples.user("ada")
        ada.login = nil
        _ = try fixture.store.updateUser(ada, audit: Samples.audit(.userChanged))
        let error = await refusal {
            _ = try await verify(code, started.live.id, on: "web1", by: web1)
        }
        #expect(error?.code == .internal)
        #expect(try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9).isEmpty)
    }

    private func session(_ id: SessionID, on host: String, by key: HostKey, ends: Bool = false)
        async throws -> HostSessionAnswer.State?
    {
        try await ask(
            HostSessionCall(ends: ends),
            HostSession(host: host, session: id, reason: ends ? "signed out" : nil),
            by: "Bearer \(key.text)", for: HostSessionAnswer.self
        ).sessionState
    }

    @Test("is its own sessions, and to end them")
    func sessions() async throws {
        let started = try await initiate("ada", on: "web1", by: web1, source: "192.0.2.7")
        guard
            case .signedIn(let signIn) = try await verify(
                try mailedCode(), started.live.id, on: "web1", by: web1)
        else { throw Samples.Unfit() }
        let id = signIn.session.id
        #expect(try await session(id, on: "web1", by: web1) == .live)
        for ends in [false, true] {
            #expect(try await session(id, on: "web2", by: web2, ends: ends) == .unknown)
        }
        #expect(try await session(SessionID("none"), on: "web1", by: web1) == .unknown)
        #expect(try await session(id, on: "web1", by: web1) == .live)
        #expect(try await session(id, on: "web1", by: web1, ends: true) == .revoked)
        #expect(try await session(id, on: "web1", by: web1) == .revoked)
        let last = try fixture.store.auditTrail(AuditQuery()).last?.event
        #expect(last?.kind == .sessionRevoked && last?.detail.contains("signed out") == true)
    }

    @Test("is no web session of the same name")
    func webSessions() async throws {
        let ada = try Samples.user("ada")
        _ = try fixture.store.startChallenge(
            Samples.start("c", for: ada.id, at: fixture.clock.now))
        var consumption = Samples.consumption("c", "a", user: ada.id, at: fixture.clock.now)
        consumption.session.host = "web1"
        consumption.session.door = "web"
        #expect(try fixture.store.consumeChallenge(consumption) == .consumed)
        for ends in [false, true] {
            let state = try await session(SessionID("session-a"), on: "web1", by: web1, ends: ends)
            #expect(state == .unknown)
        }
        #expect(try fixture.store.session(SessionID("session-a"))?.revokedAt == nil)
    }

    @Test("is whether a token is good")
    func tokens() async throws {
        func ask(_ token: String, _ host: String, _ key: HostKey) async throws -> TokenVerdict? {
            try await self.ask(
                HostTokenCall(), HostToken(host: host, token: token, audience: nil),
                by: "Bearer \(key.text)", for: HostTokenAnswer.self
            ).verdict
        }
        // The tokens of this fixture are none; real ones are in Tests/Commands.
        #expect(try await ask("a.b.c", "web1", web1) == .refused("plain tokens are not verified"))
        let error = await refusal { _ = try await ask("a.b.c", "web1", web2) }
        #expect(error?.code == .hostMismatch)
    }

    @Test("is nothing while the store is gone, which is not the host's fault")
    func storeGone() async throws {
        fixture.store.fail(with: StoreError(.unavailable, "gone"))
        let error = await refusal { _ = try await account("ada", by: "Bearer \(web1.text)") }
        #expect(error?.status == .serviceUnavailable && error?.code == .storeUnavailable)
    }
}
