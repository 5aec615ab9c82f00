import CPAMWire
import Glibc

/// Why the talk with the module ended early. Whoever catches it can only stop.
package enum ChannelError: Error, Equatable {
    /// The module closed its end: its host program went away.
    case closed
    case deadlinePassed
    /// Bytes that the module would never send.
    case malformed
    case failed(errno: Int32)
}

/// Frames over the socket to the module, with one deadline for all of them.
package final class FrameChannel {
    private let descriptor: Int32
    private var deadline: Int64

    /// - Parameters:
    ///   - descriptor: a connected stream socket; stays the caller's to close.
    ///   - milliseconds: from now until every read and write fails.
    package init(descriptor: Int32, milliseconds: Int64) {
        self.descriptor = descriptor
        deadline = Self.monotonicMilliseconds() + milliseconds
    }

    /// Moves the deadline, once it is known how long the module waits.
    package func extendDeadline(milliseconds: Int64) {
        deadline = Self.monotonicMilliseconds() + milliseconds
    }

    /// - Throws: ``ChannelError``.
    package func readRequest() throws(ChannelError) -> PAMRequest {
        let (type, payload) = try readFrame()
        guard UInt32(type) == DOORPOST_REQUEST.rawValue, let request = PAMRequest(payload: payload)
        else { throw .malformed }
        return request
    }

    func read() throws(ChannelError) -> ModuleFrame {
        let (type, payload) = try readFrame()
        guard let frame = ModuleFrame(type: type, payload: payload) else { throw .malformed }
        return frame
    }

    func write(_ frame: HelperFrame) throws(ChannelError) {
        let bytes = frame.encoded
        var sent = 0
        while sent < bytes.count {
            try wait(for: Int16(POLLOUT))
            let count = bytes.withUnsafeBytes { buffer in
                send(
                    descriptor, buffer.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count > 0 { sent += count } else { try check(errno) }
        }
    }

    /// Says that nothing more will be said. Closing would not: systemd keeps a descriptor of its own
    /// to a connection as long as any process of that connection's service runs, the courier too.
    package func finish() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func readFrame() throws(ChannelError) -> (type: UInt8, payload: [UInt8]) {
        let header = try readBytes(4)
        let length = header.reduce(0) { $0 << 8 | UInt32($1) }
        guard (1...UInt32(DOORPOST_FRAME_MAX)).contains(length) else { throw .malformed }
        let body = try readBytes(Int(length))
        return (body[0], Array(body[1...]))
    }

    private func readBytes(_ count: Int) throws(ChannelError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            try wait(for: Int16(POLLIN))
            let got = bytes.withUnsafeMutableBytes { buffer in
                recv(descriptor, buffer.baseAddress.map { $0 + have }, count - have, 0)
            }
            if got == 0 { throw .closed }
            if got > 0 { have += got } else { try check(errno) }
        }
        return bytes
    }

    private func wait(for events: Int16) throws(ChannelError) {
        while true {
            let left = deadline - Self.monotonicMilliseconds()
            guard left > 0 else { throw .deadlinePassed }
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let ready = poll(&entry, 1, Int32(clamping: left))
            if ready > 0 { return }
            if ready < 0 { try check(errno) }
        }
    }

    /// Interrupted and would-block calls are simply made again.
    private func check(_ error: Int32) throws(ChannelError) {
        switch error {
        case EINTR, EAGAIN: return
        case EPIPE, ECONNRESET: throw .closed
        default: throw .failed(errno: error)
        }
    }

    private static func monotonicMilliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
