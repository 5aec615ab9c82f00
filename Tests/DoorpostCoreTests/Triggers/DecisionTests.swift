import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("The three decisions, made by triggers")
struct DecisionTests {
    private let triggers = ScriptedTriggers(ScriptedTriggers.decisions)
    private let alice = SignInName.email("alice@example.org")
    private let context = FlowFixture.web()

    private func fixture() throws -> FlowFixture { try FlowFixture(triggers: triggers) }

    @Test("the right answer to what was asked signs in; no code is drawn and nothing is mailed")
    func right() async throws {
        let fixture = try fixture()
        let (started, code) = try await fixture.start(alice, in: context)
        #expect(
            started.question
                == TriggerQuestion(
                    name: "CUSTOM_CHALLENGE", parameters: ["question": "q1"]))
        #expect(code == nil && !started.isDecoy)
        #expect(try fixture.store.outbox(includingSent: true, limit: 9).isEmpty)
        #expect(!fixture.flow.mailsCode(in: context))
        #expect(try await fixture.verify("a1", started, in: context) == "signed in")
        #expect(
            triggers.calls == [
                "define_auth_challenge", "create_auth_challenge after 0",
                "verify_auth_challenge_response a1", "define_auth_challenge right:m1",
            ])
        #expect(triggers.subject?.userName == "alice@example.org")
        #expect(triggers.subject?.attributes["sub"] == fixture.alice.id.text)
    }

    @Test("a wrong answer is followed by another question, until the third")
    func wrong() async throws {
        let fixture = try fixture()
        let (started, _) = try await fixture.start(alice, in: context)
        #expect(
            try await fixture.verify("a2", started, in: context)
                == "asked q2 after a wrong answer, 2 left")
        // The first question's answer is no answer to the second.
        #expect(
            try await fixture.verify("a1", started, in: context)
                == "asked q3 after a wrong answer, 1 left")
        #expect(try await fixture.verify("a1", started, in: context) == "tries used up")
        #expect(try await fixture.verify("a3", started, in: context) == "tries used up")
    }

    @Test("and the second question's answer signs in")
    func second() async throws {
        let fixture = try fixture()
        let (started, _) = try await fixture.start(alice, in: context)
        _ = try await fixture.verify("a2", started, in: context)
        #expect(try await fixture.verify("a2", started, in: context) == "signed in")
        #expect(triggers.calls.last == "define_auth_challenge wrong:m1,right:m2")
        #expect(try await fixture.verify("a2", started, in: context) == "used")
    }

    @Test("the answer is told as it was typed, not as codes are read")
    func typed() async throws {
        let fixture = try fixture()
        let (started, _) = try await fixture.start(alice, in: context)
        _ = try await fixture.verify(" my-Dog ", started, in: context)
        #expect(triggers.calls.contains("verify_auth_challenge_response  my-Dog "))
    }

    @Test("a right answer may be followed by another question, and is no failure")
    func steps() async throws {
        let fixture = try fixture()
        triggers.say(.ask("CUSTOM_CHALLENGE"), .ask("CUSTOM_CHALLENGE"))
        for _ in 0..<11 {
            let (started, _) = try await fixture.start(alice, in: context)
            let question = try #require(started.question?.parameters["question"]).dropFirst()
            let next = try #require(Int(question)) + 1
            triggers.say(.ask("CUSTOM_CHALLENGE"))
            #expect(
                try await fixture.verify("a\(question)", started, in: context)
                    == "asked q\(next) after a right answer, 2 left")
            #expect(try await fixture.verify("a\(next)", started, in: context) == "signed in")
            fixture.clock.advance(by: .minutes(20))
        }
    }

    @Test("nobody is let in whose last answer was not right, whatever the trigger says")
    func letIn() async throws {
        let fixture = try fixture()
        triggers.say(.issueTokens)
        await #expect(throws: FlowError.self) { try await fixture.start(alice, in: context) }
        let (started, _) = try await fixture.start(alice, in: context)
        triggers.say(.issueTokens)
        await #expect(throws: FlowError.self) {
            try await fixture.verify("no", started, in: context)
        }
        #expect(try await fixture.verify("a1", started, in: context) == "tries used up")
    }

    @Test("somebody who is not in the pool is asked the same, and never let in")
    func unknown() async throws {
        let fixture = try fixture()
        let ghost = SignInName.email("ghost@example.org")
        let (started, _) = try await fixture.start(ghost, in: context)
        #expect(started.isDecoy && started.question?.parameters == ["question": "q1"])
        #expect(
            triggers.subject
                == TriggerSubject(
                    userName: "ghost@example.org", isUnknown: true, client: "app"))
        // The program says that it is right; the flow does not.
        #expect(
            try await fixture.verify("a1", started, in: context)
                == "asked q2 after a wrong answer, 2 left")
        triggers.say(.issueTokens)
        // As for somebody in the pool whose answer was wrong.
        await #expect { try await fixture.verify("a2", started, in: context) } throws: {
            ($0 as? FlowError)?.trigger?.fault == .badAnswer
        }
        #expect(try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9).isEmpty)
    }

    @Test("no question, no sign-in")
    func refused() async throws {
        let fixture = try fixture()
        triggers.say(.fail)
        guard case .refused = try await fixture.flow.initiate(alice, in: context) else {
            Issue.record("somebody was asked")
            return
        }
        // And it holds nobody up.
        _ = try await fixture.start(alice, in: context)
    }

    @Test("the limits come first: a refused start runs no program")
    func limits() async throws {
        let fixture = try fixture()
        for number in 0..<5 {
            _ = try await fixture.start(
                alice, in: FlowFixture.web(source: "192.0.2.\(number)"))
            fixture.clock.advance(by: .minutes(6))
        }
        let before = triggers.calls.count
        guard case .limited = try await fixture.flow.initiate(alice, in: context) else {
            Issue.record("not limited")
            return
        }
        #expect(triggers.calls.count == before)
    }

    @Test("a repeated request is told the question, and runs no program")
    func repeated() async throws {
        let fixture = try fixture()
        let (first, _) = try await fixture.start(alice, in: context)
        let before = triggers.calls.count
        let (second, _) = try await fixture.start(alice, in: context)
        #expect(second.isResumed && second.live.id == first.live.id)
        #expect(second.question == first.question && triggers.calls.count == before)
    }

    @Test("asked to send it again, the trigger asks anew, and the tries are not refilled")
    func resend() async throws {
        let fixture = try fixture()
        let (started, _) = try await fixture.start(alice, in: context)
        _ = try await fixture.verify("no", started, in: context)
        fixture.clock.advance(by: .seconds(60))
        guard
            case .resent(let live, nil) = try await fixture.flow.resend(
                challenge: started.live.id, in: context)
        else {
            Issue.record("not sent again")
            return
        }
        #expect(live.attemptsLeft == 2)
        #expect(
            try await fixture.verify("a2", started, in: context)
                == "asked q4 after a wrong answer, 1 left")
        #expect(try await fixture.verify("a4", started, in: context) == "signed in")
    }

    @Test(
        "a trigger that fails ends the challenge, says which it was, and keeps nobody from another",
        arguments: [
            TriggerPoint.defineAuthChallenge, .createAuthChallenge, .verifyAuthChallengeResponse,
        ], [TriggerError.Fault.refused, .failed, .badAnswer])
    func failing(point: TriggerPoint, fault: TriggerError.Fault) async throws {
        let fixture = try fixture()
        let failure = TriggerError(point, fault, "why")
        if point != .verifyAuthChallengeResponse {
            triggers.fail(with: failure)
            await #expect { try await fixture.start(alice, in: context) } throws: {
                ($0 as? FlowError)?.trigger == failure
            }
            triggers.fail(with: nil)
        }
        let (started, _) = try await fixture.start(alice, in: context)
        #expect(!started.isResumed)
        triggers.fail(with: failure)
        await #expect { try await fixture.verify("no", started, in: context) } throws: {
            ($0 as? FlowError)?.trigger == failure
        }
        triggers.fail(with: nil)
        #expect(try await fixture.verify("a1", started, in: context) == "tries used up")
        _ = try await fixture.start(alice, in: context)
        let trail = try fixture.store.auditTrail(AuditQuery(kinds: [.triggerFailed]))
        #expect(trail.allSatisfy { $0.event.detail.contains("why") })
        #expect(trail.count == (point == .verifyAuthChallengeResponse ? 1 : 2))
    }

    @Test("a trigger that is set no more opens nothing")
    func removed() async throws {
        let fixture = try fixture()
        let (started, _) = try await fixture.start(alice, in: context)
        let plain = fixture.flow { _ in }
        let outcome = try await plain.verify(
            CodeAnswer("a1".utf8), challenge: started.live.id, in: context)
        guard case .wrong(2) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("a code that is asked for by name is the mailed one, and neither opens the other")
    func mailedCode() async throws {
        let fixture = try fixture()
        let mailed = fixture.flow.mailedCodeAlone(context)
        let (started, code) = try await fixture.start(alice, in: mailed)
        #expect(started.question == nil && triggers.calls.isEmpty)
        #expect(try await fixture.verify("a1", started, in: context) == "unknown")
        #expect(try await fixture.verify(try #require(code), started, in: mailed) == "signed in")
    }
}

@Suite("A trigger that decides about the mailed code")
struct DefineAloneTests {
    private let triggers = ScriptedTriggers([.defineAuthChallenge])
    private let alice = SignInName.email("alice@example.org")

    @Test("sees right and wrong, and may end it sooner")
    func sooner() async throws {
        let fixture = try FlowFixture(triggers: triggers)
        let context = FlowFixture.web()
        let (started, code) = try await fixture.start(alice, in: context)
        #expect(started.mail != nil && started.question == nil)
        #expect(try await fixture.verify("00000000", started, in: context) == "wrong, 2 left")
        triggers.say(.fail)
        #expect(try await fixture.verify("00000000", started, in: context) == "tries used up")
        #expect(
            try await fixture.verify(try #require(code), started, in: context) == "tries used up")
        #expect(triggers.calls.last == "define_auth_challenge wrong:-,wrong:-")
    }

    @Test("and lets the code in")
    func right() async throws {
        let fixture = try FlowFixture(triggers: triggers)
        let (started, code) = try await fixture.start(alice, in: FlowFixture.web())
        #expect(
            try await fixture.verify(try #require(code), started, in: FlowFixture.web())
                == "signed in")
    }

    @Test("but never asks for a code twice: there is none")
    func twice() async throws {
        let fixture = try FlowFixture(triggers: triggers)
        let (started, code) = try await fixture.start(alice, in: FlowFixture.web())
        triggers.say(.ask("CUSTOM_CHALLENGE"))
        let typed = try #require(code)
        await #expect { try await fixture.verify(typed, started, in: FlowFixture.web()) } throws: {
            ($0 as? FlowError)?.trigger?.fault == .badAnswer
        }
    }
}
