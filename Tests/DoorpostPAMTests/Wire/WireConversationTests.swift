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
