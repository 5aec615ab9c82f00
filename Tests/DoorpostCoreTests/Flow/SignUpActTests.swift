import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("Signing up by name")
struct SignUpActTests {
    private let eve = SignInName.email("eve@example.org")

    private func fixture() throws -> FlowFixture {
        var policy = FlowPolicy(signup: .open)
        policy.code.resendAfter = .seconds(0)
        return try FlowFixture(policy: policy)
    }

    private var signingUp: SignInContext {
        var context = FlowFixture.web()
        context.act = .signUp
        return context
    }

    @Test("makes the user whose id was told")
    func id() async throws {
        let fixture = try fixture()
        let (started, code) = try await fixture.start(eve, in: signingUp)
        let id = fixture.flow.signupUser(of: started.live.id)
        #expect(
            try await fixture.verify(try #require(code), started, in: signingUp) == "signed in")
        let address = try #require(EmailAddress("eve@example.org"))
        #expect(try fixture.store.user(.email(address))?.id == id)
    }

    @Test("has codes that sign nobody in, and the reverse")
    func purposes() async throws {
        let fixture = try fixture()
        let (up, upCode) = try await fixture.start(eve, in: signingUp)
        let (into, inCode) = try await fixture.start(eve, in: FlowFixture.web())
        let codes = (up: try #require(upCode), into: try #require(inCode))
        #expect(try await fixture.verify(codes.up, up, in: FlowFixture.web()) == "unknown")
        #expect(try await fixture.verify(codes.into, into, in: signingUp) == "unknown")
        #expect(try fixture.flow.openSignup(of: eve, in: signingUp) == up.live.id)
        #expect(try fixture.flow.openSignup(of: eve, in: FlowFixture.web()) == into.live.id)
        // The hash is bound, too: had a store mixed up the two, the code would still not fit.
        let hash = fixture.keys.hash(
            Array(codes.up.utf8), challenge: up.live.id, purpose: signingUp.purpose)
        #expect(
            !fixture.keys.matches(
                CodeAnswer(codes.up.utf8), hash: hash, challenge: up.live.id,
                purpose: FlowFixture.web().purpose))
    }

    @Test("is a decoy for who has an account, whose failures are the account's")
    func known() async throws {
        let fixture = try fixture()
        let alice = SignInName.email("alice@example.org")
        for _ in 0..<5 {
            let (started, code) = try await fixture.start(alice, in: signingUp)
            #expect(started.isDecoy && started.mail == nil && code == nil)
            #expect(fixture.flow.signupUser(of: started.live.id) != fixture.alice.id)
            for _ in 0..<2 { _ = try await fixture.verify("00000000", started, in: signingUp) }
            // So that the next one is not one too many.
            _ = try await fixture.verify("00000000", started, in: signingUp)
            if case .limited = try await fixture.flow.initiate(alice, in: FlowFixture.web()) {
                return
            }
        }
        Issue.record("failures of a sign-up are counted apart from those of the account")
    }

    @Test("leaves a session that is taken up once")
    func takenUp() async throws {
        let fixture = try fixture()
        let (signIn, grant) = try await fixture.signIn(eve, in: signingUp)
        let first = try await fixture.flow.takeUp(signIn.session.id, in: FlowFixture.web())
        guard case .refreshed(let tokens, isRepeated: false) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(tokens.refreshToken != grant.refreshToken)
        guard
            case .refused = try await fixture.flow.takeUp(
                signIn.session.id, in: FlowFixture.web(service: "other"))
        else {
            Issue.record("another client took it up")
            return
        }
        fixture.clock.advance(by: .seconds(31))
        guard
            case .reused = try await fixture.flow.takeUp(signIn.session.id, in: FlowFixture.web())
        else {
            Issue.record("it was taken up again")
            return
        }
        #expect(try fixture.store.session(signIn.session.id)?.revokedAt != nil)
    }
}
