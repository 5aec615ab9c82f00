import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("Triggers around a sign-in")
struct AroundTests {
    private let alice = SignInName.email("alice@example.org")
    private let eve = SignInName.email("eve@example.org")
    private let context = FlowFixture.web()

    private func sessions(_ fixture: FlowFixture) throws -> Int {
        try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9).count
    }

    @Test("before it, one refuses: nothing is mailed, and nobody is held up")
    func before() async throws {
        let triggers = ScriptedTriggers([.preAuthentication])
        let fixture = try FlowFixture(triggers: triggers)
        let refusal = TriggerError(.preAuthentication, .refused, "not today")
        triggers.fail(with: refusal)
        var context = context
        context.metadata = ["device": "phone"]
        await #expect { try await fixture.start(alice, in: context) } throws: {
            ($0 as? FlowError)?.trigger == refusal
        }
        #expect(triggers.subject?.metadata == ["device": "phone"])
        #expect(try fixture.store.outbox(includingSent: true, limit: 9).isEmpty)
        triggers.fail(with: nil)
        let (started, code) = try await fixture.start(alice, in: context)
        #expect(try await fixture.verify(try #require(code), started, in: context) == "signed in")
    }

    @Test("it runs for who is not in the pool, too")
    func stranger() async throws {
        let triggers = ScriptedTriggers([.preAuthentication])
        let fixture = try FlowFixture(triggers: triggers)
        _ = try await fixture.start(.email("ghost@example.org"), in: context)
        #expect(triggers.subject?.isUnknown == true && triggers.subject?.attributes == [:])
    }

    @Test("after it, one that fails ends the session, and the code is spent")
    func after() async throws {
        let triggers = ScriptedTriggers([.postAuthentication])
        let fixture = try FlowFixture(triggers: triggers)
        let (started, code) = try await fixture.start(alice, in: context)
        triggers.fail(with: TriggerError(.postAuthentication, .failed, "gone"))
        let typed = try #require(code)
        await #expect(throws: FlowError.self) {
            try await fixture.verify(typed, started, in: context)
        }
        #expect(try sessions(fixture) == 0)
        #expect(try await fixture.verify(typed, started, in: context) == "used")
    }

    @Test("a wrong code is not announced")
    func wrong() async throws {
        let triggers = ScriptedTriggers([.postAuthentication, .preTokenGeneration])
        let fixture = try FlowFixture(triggers: triggers)
        let (started, _) = try await fixture.start(alice, in: context)
        _ = try await fixture.verify("00000000", started, in: context)
        #expect(triggers.calls.isEmpty)
    }

    @Test("tokens: at a sign-in and at a refresh; where it fails, no code is spent")
    func tokens() async throws {
        let triggers = ScriptedTriggers([.preTokenGeneration])
        let fixture = try FlowFixture(triggers: triggers)
        let (started, code) = try await fixture.start(alice, in: context)
        let typed = try #require(code)
        triggers.fail(with: TriggerError(.preTokenGeneration, .failed, "gone"))
        await #expect(throws: FlowError.self) {
            try await fixture.verify(typed, started, in: context)
        }
        triggers.fail(with: nil)
        let outcome = try await fixture.flow.verify(
            CodeAnswer(typed.utf8), challenge: started.live.id, in: context)
        guard case .signedIn(let signIn) = outcome, case .web(let grant) = signIn.credential else {
            Issue.record("\(outcome)")
            return
        }
        _ = try await fixture.flow.refresh(grant.refreshToken, in: context)
        #expect(
            triggers.calls.suffix(2) == [
                "pre_token_generation TokenGeneration_Authentication",
                "pre_token_generation TokenGeneration_RefreshTokens",
            ])
    }

    @Test("who becomes a user by signing in: asked before, told after")
    func newcomer() async throws {
        let triggers = ScriptedTriggers([.preSignUp, .postConfirmation])
        let fixture = try FlowFixture(policy: FlowPolicy(signup: .open), triggers: triggers)
        let (started, code) = try await fixture.start(eve, in: context)
        #expect(triggers.calls.isEmpty)
        let typed = try #require(code)
        triggers.fail(with: TriggerError(.preSignUp, .refused, "no"))
        await #expect(throws: FlowError.self) {
            try await fixture.verify(typed, started, in: context)
        }
        #expect(try fixture.store.users(after: nil, limit: 9).count == 1)
        triggers.fail(with: nil)
        #expect(try await fixture.verify(typed, started, in: context) == "signed in")
        #expect(triggers.calls.suffix(2) == ["pre_sign_up PreSignUp_SignUp", "post_confirmation"])
    }

    @Test("who signs up by name: asked when it begins, known or not, and not again")
    func signUp() async throws {
        let triggers = ScriptedTriggers([
            .preSignUp, .postConfirmation, .postAuthentication, .preAuthentication,
            .preTokenGeneration,
        ])
        let fixture = try FlowFixture(policy: FlowPolicy(signup: .open), triggers: triggers)
        var context = context
        context.act = .signUp
        context.signUpAttributes = ["name": "Eve"]
        _ = try await fixture.start(alice, in: context)
        var known = try #require(triggers.subject)
        let (started, code) = try await fixture.start(eve, in: context)
        #expect(triggers.subject?.attributes == ["name": "Eve", "email": "eve@example.org"])
        known.userName = "eve@example.org"
        known.attributes["email"] = "eve@example.org"
        #expect(triggers.subject == known)
        #expect(try await fixture.verify(try #require(code), started, in: context) == "signed in")
        #expect(
            triggers.calls == [
                "pre_sign_up PreSignUp_SignUp", "pre_sign_up PreSignUp_SignUp",
                "post_confirmation",
            ])
    }

    @Test(
        "a sign-up that a trigger confirms needs no code, and looks the same to who has an account")
    func confirmed() async throws {
        let triggers = ScriptedTriggers([.preSignUp, .postConfirmation])
        triggers.confirmSignUps()
        let fixture = try FlowFixture(policy: FlowPolicy(signup: .open), triggers: triggers)
        var context = context
        context.act = .signUp
        guard case .confirmed(let id) = try await fixture.flow.initiate(eve, in: context),
            case .confirmed(let other) = try await fixture.flow.initiate(alice, in: context)
        else {
            Issue.record("not confirmed")
            return
        }
        #expect(try fixture.store.user(.id(id))?.email.canonical == "eve@example.org")
        #expect(try fixture.store.user(.id(other)) == nil)
        #expect(try fixture.store.users(after: nil, limit: 9).count == 2)
        #expect(try fixture.store.outbox(includingSent: true, limit: 9).isEmpty)
        #expect(triggers.calls.filter { $0 == "post_confirmation" }.count == 1)
    }

    @Test("of who may not sign up, nobody is added")
    func closed() async throws {
        let triggers = ScriptedTriggers([.preSignUp])
        triggers.confirmSignUps()
        let fixture = try FlowFixture(triggers: triggers)
        var context = context
        context.act = .signUp
        guard case .confirmed = try await fixture.flow.initiate(eve, in: context) else {
            Issue.record("not the answer that everybody gets")
            return
        }
        #expect(try fixture.store.users(after: nil, limit: 9).count == 1)
    }

    @Test("what the program says at first is for the trigger before; later, for the others")
    func metadata() async throws {
        let triggers = ScriptedTriggers(ScriptedTriggers.decisions)
        let fixture = try FlowFixture(triggers: triggers)
        var context = context
        context.metadata = ["at": "first"]
        let (started, _) = try await fixture.start(alice, in: context)
        #expect(triggers.subject?.metadata == [:])
        context.metadata = ["at": "second"]
        _ = try await fixture.verify("no", started, in: context)
        #expect(triggers.subject?.metadata == ["at": "second"])
    }

    /// As a PAM helper leaves it that is killed because its host hung up.
    @Test(
        "who begins and dies while triggers are asked opens no way past them",
        arguments: [
            TriggerPoint.preAuthentication, .defineAuthChallenge, .createAuthChallenge, .preSignUp,
        ])
    func died(at point: TriggerPoint) async throws {
        let triggers = ScriptedTriggers(
            point == .createAuthChallenge ? ScriptedTriggers.decisions : [point])
        let fixture = try FlowFixture(policy: FlowPolicy(signup: .open), triggers: triggers)
        var context = context
        if point == .preSignUp { context.act = .signUp }
        let who = point == .preSignUp ? eve : alice
        // Nobody was asked, and the code came by mail all the same.
        let plain = fixture.flow({ _ in })
        guard case .started(let begun) = try await plain.initiate(who, in: context),
            let code = begun.mail.flatMap({ FlowFixture.code(in: $0.message) })
        else {
            Issue.record("not begun")
            return
        }
        #expect(try await fixture.verify(code, begun, in: context) == "wrong, 2 left")
        await #expect(throws: FlowError.self) { try await fixture.start(who, in: context) }
        #expect(triggers.calls.isEmpty)
        fixture.clock.advance(by: .seconds(31))
        let (again, _) = try await fixture.start(who, in: context)
        #expect(again.live.id != begun.live.id && !again.isResumed && !triggers.calls.isEmpty)
        #expect(try await fixture.verify(code, begun, in: context) == "tries used up")
    }
}
