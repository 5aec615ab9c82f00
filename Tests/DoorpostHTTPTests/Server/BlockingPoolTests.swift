import Foundation
import Synchronization
import Testing

@testable import DoorpostHTTP

@Suite struct BlockingPoolTests {
    private struct Refusal: Error, Equatable {}

    @Test func `what a body returns or throws comes back`() async throws {
        let pool = BlockingPool(threads: 2)
        #expect(try await pool.run { 7 } == 7)
        await #expect(throws: Refusal.self) {
            try await pool.run { () throws(Refusal) -> Int in throw Refusal() }
        }
        try await pool.shutDown()
    }

    @Test func `bodies that block do so side by side, and after a suspension too`() async throws {
        let pool = BlockingPool(threads: 8)
        // More than any machine's cooperative threads are needed if these must all meet.
        let meeting = Meeting(of: 8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await pool.run {
                        await Task.yield()
                        meeting.wait()
                    }
                }
            }
            try await group.waitForAll()
        }
        try await pool.shutDown()
    }

    @Test func `a full pool says so at once, and takes more once there is room`() async throws {
        let pool = BlockingPool(threads: 1, waiting: 0)
        let started = Meeting(of: 2)
        let gate = Meeting(of: 2)
        async let first: Void = pool.run {
            started.wait()
            gate.wait()
        }
        await offTheTask { started.wait() }
        await #expect(throws: BlockingPool.Busy()) { try await pool.run { 2 } }
        gate.wait()
        try await first
        #expect(try await pool.run { 3 } == 3)
        try await pool.shutDown()
    }

    /// Waits on a thread of its own: the machine may have a single one for tasks.
    private func offTheTask(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { done in
            Thread {
                body()
                done.resume()
            }.start()
        }
    }
}

/// Lets threads go on only once so many have come.
private final class Meeting: Sendable {
    private let count: Int
    private let arrived = Mutex(0)

    init(of count: Int) { self.count = count }

    func wait() {
        arrived.withLock { $0 += 1 }
        while arrived.withLock({ $0 < count }) { usleep(200) }
    }
}
