import DoorpostCore
import DoorpostTesting
import Glibc
import Testing

@testable import DoorpostPAM

@Suite("The account check")
struct AccountTests {
    @Test("lets users pass, refuses the disabled, leaves others alone")
    func states() async throws {
        let fixture = try DoorFixture()
        let conversation = ScriptedConversation([])
        #expect(try await fixture.run(conversation, operation: 2) == .success)
        #expect(try await fixture.run(conversation, user: "ghost", operation: 2) == .notEnrolled)
        var user = try #require(try fixture.store.users(after: nil, limit: 1).first)
        user.isEnabled = false
        _ = try fixture.store.updateUser(
            user,
            audit: AuditEvent(
                at: fixture.clock.now, kind: .userChanged, user: user.id, door: "admin"))
        #expect(try await fixture.run(conversation, operation: 2) == .accountDisabled)
        #expect(conversation.transcript.isEmpty)
    }
}

@Suite("The end of a session")
struct CloseSessionTests {
    private func signIn(_ fixture: DoorFixture) async throws -> String {
        let conversation = ScriptedConversation([])
        conversation.beforeAnswer = { [unowned conversation] _ in
            if let code = fixture.courier.code { conversation.type(code) }
        }
        #expect(try await fixture.run(conversation) == .success)
        return try #require(conversation.sessionFile)
    }

    @Test("revokes it and removes its file")
    func ends() async throws {
        let fixture = try DoorFixture()
        let path = try await signIn(fixture)
        let conversation = ScriptedConversation([])
        #expect(
            try await fixture.run(conversation, operation: 3, sessionFile: path) == .success)
        #expect(access(path, F_OK) != 0)
        #expect(try fixture.store.sessions(of: nil, now: fixture.clock.now, limit: 9).isEmpty)
        // Once more, as programs that close twice do.
        #expect(
            try await fixture.run(conversation, operation: 3, sessionFile: path) == .success)
    }

    @Test("touches no path but a session file's")
    func otherPaths() async throws {
        let fixture = try DoorFixture()
        let path = try await signIn(fixture)
        let name = try #require(path.split(separator: "/").last)
        let directory = fixture.directory
        let uid = geteuid()
        for told in [
            "", "/etc/passwd", "\(directory)/\(uid)/../\(uid)/\(name)", "\(directory)//\(name)",
            "\(directory)/\(uid)/\(name)x", "\(directory)/0\(uid)/\(name)",
            "\(directory)/\(uid)/x/\(name)", "/tmp/x/\(uid)/\(name)", "\(directory)/\(uid)/",
            "\(directory)/\(uid)/\(name.uppercased())",
        ] {
            let conversation = ScriptedConversation([])
            #expect(
                try await fixture.run(conversation, operation: 3, sessionFile: told)
                    == .unavailable, "\(told)")
        }
        #expect(access(path, F_OK) == 0)
    }
}

@Suite("The session directory")
struct SessionDirectoryTests {
    @Test("is refused when others could write to it, or it is a link")
    func unsafe() async throws {
        let fixture = try DoorFixture()
        chmod(fixture.directory, 0o777)
        #expect(throws: SessionFileError.self) { try self.write(fixture, into: fixture.directory) }
        chmod(fixture.directory, 0o711)
        let link = "\(fixture.directory)/link"
        symlink("/tmp", link)
        #expect(throws: SessionFileError.self) { try self.write(fixture, into: link) }
        symlink("/tmp", "\(fixture.directory)/\(geteuid())")
        #expect(throws: SessionFileError.self) { try self.write(fixture, into: fixture.directory) }
    }

    @discardableResult
    private func write(_ fixture: DoorFixture, into directory: String) throws -> String {
        let user = try #require(try fixture.store.users(after: nil, limit: 1).first)
        let session = LoginSession(
            id: SessionID("0123456789abcdef0123456789abcdef"), user: user.id, door: "pam",
            service: "sshd", host: "h1", source: "", tty: "", createdAt: fixture.clock.now,
            expiresAt: fixture.clock.now)
        return try SessionFileDirectory(path: directory).write(
            SignIn(user: user, session: session, credential: .sessionToken("token")))
    }
}
