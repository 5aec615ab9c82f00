import DoorpostCore
import DoorpostTesting
import Testing

@testable import DoorpostPAM

@Suite("A screen locker, which gives one answer to every question,")
struct OneAnswerTests {
    private func unlock(_ fixture: DoorFixture, _ typed: String) async throws -> (PAMVerdict, Int) {
        let conversation = ScriptedConversation([String](repeating: typed, count: 20))
        let verdict = try await fixture.run(conversation, asksAgain: false)
        return (verdict, conversation.transcript.count { $0.hasPrefix("hidden") })
    }

    @Test("is asked once, whatever it says")
    func once() async throws {
        for typed in ["", "a password", "00000000", "1234 567"] {
            let (verdict, asked) = try await unlock(try DoorFixture(), typed)
            #expect(verdict == .denied && asked == 1, "'\(typed)'")
        }
    }

    @Test("loses no try by what cannot be a code")
    func passwords() async throws {
        let fixture = try DoorFixture()
        for typed in ["", "a password", "x", "1234567", "123456789", "1234567x"] {
            #expect(try await unlock(fixture, typed).0 == .denied)
        }
        #expect(try await unlock(fixture, try #require(fixture.courier.code)).0 == .success)
    }

    @Test("has three tries all the same")
    func threeTries() async throws {
        let fixture = try DoorFixture()
        _ = try await unlock(fixture, "")
        let code = try #require(fixture.courier.code)
        let wrong = code == "00000000" ? "11111111" : "00000000"
        #expect(try await unlock(fixture, wrong).0 == .denied)
        #expect(try await unlock(fixture, wrong).0 == .denied)
        #expect(try await unlock(fixture, wrong).0 == .triesUsedUp)
        #expect(try await unlock(fixture, code).0 != .success)
    }
}
