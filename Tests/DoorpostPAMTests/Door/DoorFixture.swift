import DoorpostCore
import DoorpostTesting
import Foundation
import Glibc
import Testing

@testable import DoorpostPAM

/// A PAM door over a store in memory, with a session directory of its own that goes with it.
final class DoorFixture {
    let store = MemoryStore()
    let clock = ManualClock()
    let tokens = PlainTokens()
    let courier = ScriptedCourier()
    let flow: Flow
    let directory: String
    /// The account that the tests run as: the only one whose session files need no chown.
    let login: String

    init() throws {
        let keys = try #require(FlowKeys(secret: [UInt8](repeating: 7, count: 32)))
        flow = Flow(
            store: store, tokens: tokens, clock: clock, random: SystemRandom(), keys: keys,
            policy: FlowPolicy())
        var template = Array("/tmp/doorpost-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        login = String(cString: try #require(getpwuid(geteuid())).pointee.pw_name)
        let user = User(
            id: UserID("11111111-1111-4111-8111-111111111111"),
            email: try #require(EmailAddress("alice@example.org")), login: LoginName(login),
            createdAt: clock.now)
        try store.addUser(
            user, audit: AuditEvent(at: clock.now, kind: .userAdded, user: user.id, door: "admin"))
    }

    /// Never through a link: some tests put one where the directory of a uid should be.
    deinit {
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            Issue.record("\(directory) was left behind: \(error)")
        }
    }

    func run(
        _ conversation: ScriptedConversation, user: String? = nil, operation: UInt8 = 1,
        options: PAMRequest.Options = [], service: String = "sshd", sessionFile: String = "",
        asksAgain: Bool = true
    ) async throws -> PAMVerdict {
        func field(_ tag: UInt8, _ text: String) -> [UInt8] {
            [tag, UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255)] + Array(text.utf8)
        }
        let payload =
            [UInt8](repeating: 9, count: 16) + [operation, options.rawValue, 0, 100]
            + field(1, service) + field(2, user ?? login) + field(3, "192.0.2.7") + field(4, "ssh")
            + field(6, sessionFile)
        return await PAMDoor(
            service: flow, conversation: conversation, courier: courier,
            sessionFiles: SessionFileDirectory(path: directory), prompt: nil, host: "h1",
            asksAgain: asksAgain
        ).answer(try #require(PAMRequest(payload: payload)))
    }
}
