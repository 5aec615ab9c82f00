import DoorpostCore
import DoorpostTesting
import Glibc
import Testing

@testable import DoorpostPAM

@Suite("Signing in at a PAM prompt")
struct AuthenticateTests {
    /// Types the code that the courier was given, after the wrong answers.
    private func person(
        _ fixture: DoorFixture, after wrong: [String] = [],
        typing style: @escaping (String) -> String = { $0 }
    ) -> ScriptedConversation {
        let conversation = ScriptedConversation(wrong)
        conversation.beforeAnswer = { [unowned conversation] number in
            if number == wrong.count, let code = fixture.courier.code {
                conversation.type(style(code))
            }
        }
        return conversation
    }

    @Test("succeeds with the code, and leaves a session file that only the user can read")
    func success() async throws {
        let fixture = try DoorFixture()
        let conversation = person(fixture)
        #expect(try await fixture.run(conversation) == .success)
        let path = try #require(conversation.sessionFile)
        #expect(path.hasPrefix("\(fixture.directory)/\(geteuid())/"))
        var status = stat()
        try #require(lstat(path, &status) == 0)
        #expect(status.st_mode == S_IFREG | 0o400)
        #expect(status.st_uid == geteuid())
        #expect(status.st_nlink == 1)
        try #require(lstat("\(fixture.directory)/\(geteuid())", &status) == 0)
        #expect(status.st_mode == S_IFDIR | 0o711)
    }

    @Test("bears spaces and dashes", arguments: [" 1234 5678 ", "1234-5678"])
    func spaces(shape: String) async throws {
        let fixture = try DoorFixture()
        let conversation = person(fixture) { code in
            var digits = code.makeIterator()
            return String(shape.map { $0.isNumber ? digits.next() ?? "?" : $0 })
        }
        #expect(try await fixture.run(conversation) == .success)
    }

    @Test("asks again after a wrong code, saying how many tries are left")
    func wrongThenRight() async throws {
        let fixture = try DoorFixture()
        let conversation = person(fixture, after: ["nonsense", "1"])
        #expect(try await fixture.run(conversation) == .success)
        #expect(conversation.transcript[1].contains("2 tries left"))
        #expect(conversation.transcript[2].contains("1 try left"))
    }

    @Test("hands the mail over once, when the prompt is out")
    func promptFirst() async throws {
        let fixture = try DoorFixture()
        let conversation = person(fixture, after: ["nonsense"])
        var handedOver: [Int] = []
        conversation.beforeWork = { handedOver.append(fixture.courier.dispatched.count) }
        #expect(try await fixture.run(conversation) == .success)
        #expect(handedOver == [0, 1])
        #expect(fixture.courier.dispatched.count == 1)
    }

    @Test("hands the mail over also when the host program is gone")
    func hostGone() async throws {
        let fixture = try DoorFixture()
        #expect(try await fixture.run(ScriptedConversation([])) == .conversationFailed)
        #expect(fixture.courier.dispatched.count == 1)
    }

    @Test("asks again after an empty answer, and does not count it")
    func empty() async throws {
        let fixture = try DoorFixture()
        let conversation = person(fixture, after: ["", " - ", "nonsense", "", "nonsense"])
        #expect(try await fixture.run(conversation) == .success)
    }

    @Test("does not ask an empty prompt for ever")
    func emptyForEver() async throws {
        let fixture = try DoorFixture()
        let conversation = ScriptedConversation([String](repeating: "", count: 50))
        #expect(try await fixture.run(conversation) == .denied)
    }

    @Test("ends with the third wrong code; the same prompts and words for a stranger")
    func triesUsedUp() async throws {
        let fixture = try DoorFixture()
        let answers = ["nonsense", "1234567", String(repeating: "9", count: 65)]
        let user = ScriptedConversation(answers)
        let stranger = ScriptedConversation(answers)
        #expect(try await fixture.run(user) == .triesUsedUp)
        #expect(try await fixture.run(stranger, user: "ghost") == .denied)
        #expect(user.transcript == stranger.transcript)
        #expect(fixture.courier.dispatched.count == 2)
        #expect(fixture.courier.dispatched.last == .some(nil))
    }

    @Test("writes nothing that was typed to the log")
    func log() async throws {
        let fixture = try DoorFixture()
        let conversation = ScriptedConversation(["my-password-1", "my-password-2", "my-password-3"])
        _ = try await fixture.run(conversation, user: "a-password-too")
        #expect(!conversation.logged.isEmpty)
        #expect(!conversation.logged.contains { $0.contains("password") })
    }

    @Test("of somebody not enrolled is left to others only when asked for")
    func unenrolled() async throws {
        let fixture = try DoorFixture()
        let conversation = ScriptedConversation([])
        #expect(
            try await fixture.run(conversation, user: "ghost", options: .unenrolledIgnore)
                == .notEnrolled)
        #expect(conversation.transcript.isEmpty)
        #expect(try await fixture.run(conversation, user: "ghost") == .conversationFailed)
    }

    @Test("mails nothing before Enter, with confirm_send")
    func confirmSend() async throws {
        let fixture = try DoorFixture()
        let gone = ScriptedConversation([])
        #expect(try await fixture.run(gone, options: .confirmSend) == .conversationFailed)
        #expect(fixture.courier.dispatched.isEmpty)
        let conversation = person(fixture, after: [""])
        #expect(try await fixture.run(conversation, options: .confirmSend) == .success)
        #expect(conversation.transcript[0].hasPrefix("shown:"))
    }

    @Test("costs a user nothing when sshd replaces the answers, and never succeeds")
    func replacedBySSHD() async throws {
        let fixture = try DoorFixture()
        let fake = "\u{8}\n\r\u{7f}INCORRECT"
        let answers = [String(fake.prefix(8)), fake, fake + "\u{8}\n"]
        let conversation = ScriptedConversation(answers)
        #expect(try await fixture.run(conversation) == .denied)
        let honest = person(fixture, after: ["nonsense"])
        #expect(try await fixture.run(honest) == .success)
        #expect(honest.transcript[1].contains("2 tries left"))
        let refused = ScriptedConversation([String(fake.prefix(1))])
        let before = fixture.courier.dispatched.count
        #expect(try await fixture.run(refused, options: .confirmSend) == .denied)
        #expect(fixture.courier.dispatched.count == before)
    }

    @Test("says so when the mail could not go, and lets nobody in")
    func mailFailed() async throws {
        let fixture = try DoorFixture()
        let conversation = person(fixture)
        let arm = conversation.beforeAnswer
        conversation.beforeAnswer = { number in
            arm(number)
            fixture.courier.progress = .failed("unreachable: nobody answers")
        }
        #expect(try await fixture.run(conversation) == .unavailable)
        #expect(conversation.transcript.last?.contains("could not be mailed") == true)
        #expect(conversation.logged.contains { $0.contains("unreachable") })
        #expect(conversation.sessionFile == nil)
    }

    @Test("ends as the conversation ends")
    func conversationEnds() async throws {
        let fixture = try DoorFixture()
        #expect(try await fixture.run(ScriptedConversation([])) == .conversationFailed)
        let late = ScriptedConversation([])
        late.atEnd = .deadlinePassed
        #expect(try await fixture.run(late) == .unavailable)
    }

    @Test("takes up the live code at the next try: the first courier still has the mail")
    func resumed() async throws {
        let fixture = try DoorFixture()
        #expect(try await fixture.run(ScriptedConversation([])) == .conversationFailed)
        let again = person(fixture)
        #expect(try await fixture.run(again) == .success)
        #expect(again.transcript[0].contains("mailed at"))
        #expect(fixture.courier.dispatched.count == 1)
    }

    @Test("is refused when an administrator gave the account to nobody while the code was out")
    func loginTakenAway() async throws {
        let fixture = try DoorFixture()
        let conversation = person(fixture)
        let arm = conversation.beforeAnswer
        conversation.beforeAnswer = { number in
            arm(number)
            guard var user = try? fixture.store.users(after: nil, limit: 1).first else { return }
            user.login = nil
            _ = try? fixture.store.updateUser(
                user,
                audit: AuditEvent(
                    at: fixture.clock.now, kind: .userChanged, user: user.id, door: "admin"))
        }
        #expect(try await fixture.run(conversation) == .denied)
        #expect(conversation.sessionFile == nil)
        #expect(try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9).isEmpty)
    }

    @Test("without a place for the session file lets nobody in, and ends the session")
    func noSessionDirectory() async throws {
        let fixture = try DoorFixture()
        rmdir(fixture.directory)
        let conversation = person(fixture)
        #expect(try await fixture.run(conversation) == .unavailable)
        #expect(conversation.sessionFile == nil)
        #expect(try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9).isEmpty)
        mkdir(fixture.directory, 0o711)
    }
}
