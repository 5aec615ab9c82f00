import Glibc
import Testing

@testable import DoorpostPAM

@Suite("The talk over the socket")
struct WireConversationTests {
    private func pair() throws -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("sends the prompt before it does what there is to do meanwhile")
    func meanwhile() throws {
        let (ours, theirs) = try pair()
        defer { close(ours) }
        let conversation = WireConversation(FrameChannel(descriptor: ours, milliseconds: 5000))
        var seen: [UInt8] = []
        #expect(throws: ConversationError.failed) {
            try conversation.ask("x", isHidden: true) {
                var bytes = [UInt8](repeating: 0, count: 64)
                let count = recv(theirs, &bytes, bytes.count, Int32(MSG_DONTWAIT))
                seen = Array(bytes.prefix(max(count, 0)))
                close(theirs)
            }
        }
        #expect(seen == HelperFrame.prompt("x", isHidden: true).encoded)
    }

    @Test("ends with the verdict, whoever else still holds the socket")
    func ends() throws {
        let (ours, theirs) = try pair()
        let held = dup(ours)
        defer { [ours, theirs, held].forEach { close($0) } }
        let nonce = [UInt8](repeating: 9, count: 16)
        try WireConversation(FrameChannel(descriptor: ours, milliseconds: 5000))
            .conclude(.success, nonce: nonce)
        var bytes = [UInt8](repeating: 0, count: 64)
        #expect(recv(theirs, &bytes, bytes.count, Int32(MSG_DONTWAIT)) == 22)
        #expect(recv(theirs, &bytes, bytes.count, Int32(MSG_DONTWAIT)) == 0)
    }

    @Test("logs to the module, or where it is told to and nowhere else")
    func logs() throws {
        let (ours, theirs) = try pair()
        defer { [ours, theirs].forEach { close($0) } }
        let channel = FrameChannel(descriptor: ours, milliseconds: 5000)
        var kept: [String] = []
        WireConversation(channel, ownLog: { kept.append("\($0.rawValue) \($1)") }).log(
            .warning, "x")
        #expect(kept == ["4 x"])
        var bytes = [UInt8](repeating: 0, count: 64)
        #expect(recv(theirs, &bytes, bytes.count, Int32(MSG_DONTWAIT)) == -1)
        WireConversation(channel).log(.warning, "x")
        #expect(recv(theirs, &bytes, bytes.count, Int32(MSG_DONTWAIT)) == 7)
    }

    @Test("does what there is to do also when the module is gone")
    func gone() throws {
        let (ours, theirs) = try pair()
        defer { close(ours) }
        close(theirs)
        let conversation = WireConversation(FrameChannel(descriptor: ours, milliseconds: 5000))
        var isDone = false
        #expect(throws: ConversationError.failed) {
            try conversation.ask("x", isHidden: true) { isDone = true }
        }
        #expect(isDone)
    }
}
