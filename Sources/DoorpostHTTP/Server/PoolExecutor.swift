import NIOPosix

/// Runs the jobs of tasks on the threads of a pool.
///
/// A job that a thread of the pool makes while it runs another is nearly always the same task going
/// on, after an actor has answered it: that thread runs it next, since it is about to be free, and
/// no other need be woken. A sign-in is a dozen such jobs.
final class PoolExecutor: TaskExecutor {
    private let threads: NIOThreadPool
    private let current = ThreadSpecificVariable<Turn>()

    /// What a thread does at the moment.
    ///
    /// Unchecked: a thread makes its own, and only that thread finds it.
    private final class Turn: @unchecked Sendable {
        var next: UnownedJob?
    }

    init(threads count: Int) {
        threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let turn = current.currentValue, turn.next == nil {
            turn.next = job
        } else {
            // Also when the pool has ended: a job that never runs is a task that never ends.
            threads.submit { _ in self.run(job) }
        }
    }

    private func run(_ job: UnownedJob) {
        let turn = Turn()
        current.currentValue = turn
        defer { current.currentValue = nil }
        turn.next = job
        while let job = turn.next {
            turn.next = nil
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    /// Ends the threads once they have done what they were given.
    func shutDown() async throws {
        try await threads.shutdownGracefully()
    }
}
