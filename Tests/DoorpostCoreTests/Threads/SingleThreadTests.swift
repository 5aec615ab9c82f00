import Glibc
import Testing

@testable import DoorpostCore

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

    @Test("that waits for another thread goes on when that one has answered, and here")
    func waits() {
        let here = pthread_self()
        let (answer, thread) = SingleThread().run {
            let answer = await Task.detached { 42 }.value
            return (answer, pthread_self())
        }
        #expect(answer == 42)
        #expect(pthread_equal(thread, here) != 0)
    }
}
