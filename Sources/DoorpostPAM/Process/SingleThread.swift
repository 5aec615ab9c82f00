import Synchronization

/// Runs asynchronous work on the calling thread alone.
///
/// The helper asks nobody to wait for anything but the store and the person, and both block.
/// Swift's own executor would start threads for the few hops to actors that signing a token
/// makes, and libdispatch would complain to the system's log that it may not set their priority.
package final class SingleThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    package init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Runs work that never waits for another thread, and returns what it returns.
    ///
    /// - Returns: nil if the work did wait for another thread, which is a mistake in it.
    package func run<Result>(_ work: @escaping () async -> Result) -> Result? {
        let outcome = Outcome(work: work)
        Task(executorPreference: self) { outcome.result = await outcome.work() }
        while let job = next() {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        return outcome.result
    }

    private func next() -> UnownedJob? {
        jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}

/// The work, and where it leaves its result.
///
/// Unchecked, since nothing in it is ever seen by two threads: `SingleThread` runs every piece of
/// its task on the thread that made this.
private final class Outcome<Result>: @unchecked Sendable {
    let work: () async -> Result
    var result: Result?

    init(work: @escaping () async -> Result) { self.work = work }
}
