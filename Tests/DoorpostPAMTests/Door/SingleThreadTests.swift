import Foundation
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
    func stays() {
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
        #expect(threads.count == 3)
        #expect(threads.allSatisfy { pthread_equal($0, here) != 0 })
    }

    @Test("waits for what other threads do")
    func waits() {
        let here = pthread_self()
        let isHere = SingleThread().run {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                Thread.detachNewThread { continuation.resume() }
            }
            return pthread_equal(pthread_self(), here) != 0
        }
        #expect(isHere)
    }
}
