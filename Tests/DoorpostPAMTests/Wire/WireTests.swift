import DoorpostCore
import Glibc
import Testing

@testable import DoorpostPAM

@Suite("A request of the module")
struct PAMRequestTests {
    private static let nonce = [UInt8](1...16)
    private static let whole: [UInt8] =
        nonce + [1, 0b1010, 0, 100]
        + [1, 0, 4] + Array("sshd".utf8) + [2, 0, 5] + Array("alice".utf8)
        + [3, 0, 9] + Array("192.0.2.7".utf8) + [4, 0, 3] + Array("ssh".utf8)

    @Test("is read field by field")
    func read() throws {
        let request = try #require(PAMRequest(payload: Self.whole))
        #expect(request.nonce == Self.nonce)
        #expect(request.operation == .authenticate)
        #expect(request.options == [.unenrolledIgnore, .echo])
        #expect(request.patience == .seconds(100))
        #expect(request.service == "sshd")
        #expect(request.user == "alice")
        #expect(request.rhost == "192.0.2.7")
        #expect(request.tty == "ssh")
        #expect(request.sessionFile == "")
    }

    @Test("is refused when it is cut anywhere inside a field")
    func cut() {
        for length in 0..<Self.whole.count {
            let request = PAMRequest(payload: Array(Self.whole.prefix(length)))
            let isAtFieldBoundary = [20, 27, 35, 47].contains(length)
            #expect((request != nil) == isAtFieldBoundary, "cut to \(length)")
        }
    }

    @Test("is refused for an operation that there is not", arguments: [0, 4, 255])
    func operation(byte: Int) {
        var payload = Self.whole
        payload[16] = UInt8(byte)
        #expect(PAMRequest(payload: payload) == nil)
    }

    @Test("with a name that is no UTF-8 names nobody")
    func badUTF8() throws {
        let request = try #require(
            PAMRequest(payload: Self.nonce + [1, 0, 0, 9, 2, 0, 2, 0xff, 0xfe]))
        #expect(request.user == "\u{fffd}\u{fffd}")
    }
}

@Suite("A frame of the helper")
struct HelperFrameTests {
    @Test("is length, type, payload")
    func encoded() {
        #expect(
            HelperFrame.prompt("Code: ", isHidden: true).encoded == [0, 0, 0, 7, 0x10]
                + Array("Code: ".utf8))
        #expect(HelperFrame.prompt("x", isHidden: false).encoded == [0, 0, 0, 2, 0x11, 0x78])
        #expect(HelperFrame.info("x").encoded == [0, 0, 0, 2, 0x12, 0x78])
        #expect(HelperFrame.error("x").encoded == [0, 0, 0, 2, 0x13, 0x78])
        #expect(HelperFrame.environment("A=b").encoded == [0, 0, 0, 4, 0x14, 0x41, 0x3d, 0x62])
        #expect(HelperFrame.log(priority: .notice, "x").encoded == [0, 0, 0, 3, 0x15, 5, 0x78])
        #expect(
            HelperFrame.verdict(nonce: [UInt8](repeating: 9, count: 16), .denied).encoded
                == [0, 0, 0, 18, 0x1f] + [UInt8](repeating: 9, count: 16) + [2])
    }

    @Test("never carries more text than PAM takes")
    func bounded() {
        let frame = HelperFrame.error(String(repeating: "x", count: 4000)).encoded
        #expect(frame.count == 4 + 1 + 511)
    }

    @Test("has a number of its own for every verdict")
    func verdicts() {
        #expect(PAMVerdict.allCases.map(\.wireValue) == [1, 2, 3, 4, 5, 6, 7, 8])
    }
}

@Suite("The channel to the module")
struct FrameChannelTests {
    /// A channel and the module's end of it, which is closed by `body` or afterwards.
    private func withChannel(
        milliseconds: Int64 = 5000, _ body: (FrameChannel, _ module: Int32) throws -> Void
    ) throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[0]) }
        try body(FrameChannel(descriptor: ends[0], milliseconds: milliseconds), ends[1])
    }

    private func put(_ bytes: [UInt8], _ descriptor: Int32) {
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    @Test("puts an answer together from pieces")
    func pieces() throws {
        try withChannel { channel, module in
            put([0, 0], module)
            put([0, 5, 2], module)
            put(Array("1234".utf8), module)
            let frame = try channel.read()
            #expect(frame == .answer(Array("1234".utf8)))
            close(module)
        }
    }

    @Test(
        "ends on lengths and types that the module never sends",
        arguments: [
            [0xff, 0xff, 0xff, 0xff, 2], [0, 0, 0, 0], [0, 0, 8, 1, 2], [0, 0, 0, 1, 9],
            [0, 0, 0, 2, 3, 0], [0, 0, 0, 1, 1],
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) throws {
        try withChannel { channel, module in
            put(bytes, module)
            #expect(throws: ChannelError.malformed) { try channel.read() }
            close(module)
        }
    }

    @Test("ends when the module goes away, in the middle of a frame too")
    func closed() throws {
        try withChannel { channel, module in
            put([0, 0, 0, 5, 2, 0x31], module)
            close(module)
            #expect(throws: ChannelError.closed) { try channel.read() }
            #expect(throws: ChannelError.closed) { try channel.write(.info("x")) }
        }
    }

    @Test("ends at its deadline, whoever is silent")
    func deadline() throws {
        try withChannel(milliseconds: 20) { channel, module in
            #expect(throws: ChannelError.deadlinePassed) { try channel.read() }
            close(module)
        }
    }
}
