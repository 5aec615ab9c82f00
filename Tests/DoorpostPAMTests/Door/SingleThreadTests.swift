import Glibc
import Testing

@testable import DoorpostPAM

@Suite("Work on a single thread")
struct SingleThreadTests {
    private actor Counter {
        var threads: [pthread_t] = []
        func note() { threads.append(pthread_self()) }
    }

    @Test("stays on the calling thread, through actors and child tasks")
    func stays() throws {
        let counter = Counter()
        let here = pthread_self()
        let threads = SingleThread().run {
            await counter.note()
            async let other: Void = counter.note()
            await other
            await Task.yield()
            await counter.note()
            return await counter.threads
        }
        #expect(try #require(threads).count == 3)
        #expect(try #require(threads).allSatisfy { pthread_equal($0, here) != 0 })
    }

    @Test("that waits for another thread has no result, rather than hanging")
    func stuck() {
        let result: Int? = SingleThread().run {
            await withUnsafeContinuation { (_: UnsafeContinuation<Int, Never>) in }
        }
        #expect(result == nil)
    }
}
