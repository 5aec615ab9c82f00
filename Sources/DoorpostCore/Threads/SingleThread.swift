/// Runs asynchronous work on the calling thread alone, which sleeps while the work waits.
///
/// The helper asks nobody to wait for anything but the store, the person and programs. Swift's
/// own executor would start threads for the few hops to actors that signing a token makes, and
/// libdispatch would complain to the system's log that it may not set their priority.
package final class SingleThread: TaskExecutor {
    private let jobs = WaitingQueue<UnownedJob>()

    package init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        jobs.append(UnownedJob(job))
    }

    /// Runs work to its end, and returns what it returns. Blocks as long as that takes.
    package func run<Result>(_ work: @escaping () async -> Result) -> Result {
        let outcome = Outcome(work: work)
        Task(executorPreference: self) { outcome.result = await outcome.work() }
        while true {
            if let result = outcome.result { return result }
            jobs.next().runSynchronously(on: asUnownedTaskExecutor())
        }
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
