import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("The handle of a round")
struct RoundHandleTests {
    private let id = ChallengeID("0123456789abcdef0123456789abcdef")
    private let alice = SignInName.email("alice@example.org")
    private let until = Timestamp(milliseconds: 1_800_000_000_001)

    private func context(_ client: String = "c1") -> SignInContext {
        SignInContext(
            client: AppClient(
                id: ClientID(client), name: client, createdAt: Timestamp(seconds: 0)),
            request: "r", host: "login.example.org", source: Source("192.0.2.7"))
    }

    @Test("says what was asked, how often, and until when")
    func whole() throws {
        let flow = try FlowFixture().flow
        for question in [
            ChallengeRound.Question.choice, .custom(id, attemptsLeft: 2), .emailCode(id),
            .signUp(id), .confirmed(SessionID(id.text)),
        ] {
            let round = ChallengeRound(question, until: until)
            let handle = try flow.handle(of: round, for: alice, in: context())
            #expect(flow.round(of: handle.text, for: alice, in: context()) == round)
            #expect(handle.text.utf8.allSatisfy(Base64URL.isDigit))
        }
    }

    @Test("never looks like an option on a command line")
    func argument() throws {
        let flow = try FlowFixture().flow
        let round = ChallengeRound(.choice, until: until)
        // One in 64 would begin with a hyphen.
        for _ in 0..<1000 {
            let handle = try flow.handle(of: round, for: alice, in: context())
            #expect(handle.text.first != "-")
        }
    }

    @Test("is for its name, its client and this API alone")
    func bound() throws {
        let flow = try FlowFixture().flow
        let round = ChallengeRound(.custom(id, attemptsLeft: 3), until: until)
        let handle = try flow.handle(of: round, for: alice, in: context()).text
        #expect(flow.round(of: handle, for: .email("bob@example.org"), in: context()) == nil)
        #expect(flow.round(of: handle, for: .login("alice"), in: context()) == nil)
        #expect(flow.round(of: handle, for: alice, in: context("c2")) == nil)
        var signingUp = context()
        signingUp.act = .signUp
        #expect(flow.round(of: handle, for: alice, in: signingUp) == nil)
        #expect(flow.challenge(of: handle) == nil)
        let other = try flow.handle(of: id, for: alice).text
        #expect(flow.round(of: other, for: alice, in: context()) == nil)
    }

    @Test("of the same request is the same sign-in, of another another")
    func resumed() async throws {
        let fixture = try FlowFixture(
            policy: FlowPolicy(
                code: CodePolicy(
                    alphabet: .digits, length: 8, lifetime: .minutes(5), attempts: 3,
                    resendAfter: .seconds(0))))
        let first = try await fixture.start(alice, in: context()).started
        let again = try await fixture.start(alice, in: context()).started
        #expect(again.isResumed && again.live.id == first.live.id && again.mail == nil)
        var another = context()
        another.request = "s"
        let second = try await fixture.start(alice, in: another).started
        #expect(!second.isResumed && second.live.id != first.live.id && second.mail != nil)
    }
}
