import CLinux
import Glibc
import Synchronization

/// A descriptor that is closed when it is said so, or else with its last reference.
final class Descriptor: Sendable {
    private let open: Atomic<Int32>

    init(_ number: Int32) { open = Atomic(number) }

    deinit { close() }

    /// -1 once it is closed, which poll(2) passes over.
    var number: Int32 { open.load(ordering: .relaxed) }

    func close() {
        let number = open.exchange(-1, ordering: .relaxed)
        if number >= 0 { Glibc.close(number) }
    }

    /// The two ends of a pipe: reads, writes. nil if there are no descriptors left.
    static func pipe() -> (reading: Descriptor, writing: Descriptor)? {
        var ends: [Int32] = [-1, -1]
        guard doorpost_linux_pipe(&ends) == 0 else { return nil }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    func neverBlock() {
        let flags = fcntl(number, F_GETFL)
        _ = fcntl(number, F_SETFL, flags | O_NONBLOCK)
    }
}

/// Wakes a thread that waits in poll(2).
final class Waker: Sendable {
    /// Becomes readable when somebody wakes.
    let descriptor: Descriptor
    private let bell: Descriptor

    /// nil if there are no descriptors left.
    init?() {
        guard let pipe = Descriptor.pipe() else { return nil }
        (descriptor, bell) = (pipe.reading, pipe.writing)
        descriptor.neverBlock()
        bell.neverBlock()
    }

    /// A bell that rings already needs no second pull: a full pipe is as good.
    func wake() {
        var byte: UInt8 = 1
        _ = write(bell.number, &byte, 1)
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor.number, &bytes, bytes.count) > 0 {}
    }
}
