import Glibc
import Synchronization

/// Runs asynchronous work on the calling thread alone.
///
/// The helper asks nobody to wait for anything but the store and the person, and both block; only
/// triggers, where some are set, are waited for on threads of the library that runs them. Swift's
/// own executor would start threads for the few hops to actors that signing a token makes, and
/// libdispatch would complain to the system's log that it may not set their priority.
package final class SingleThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let waiting = Semaphore()

    package init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        waiting.signal()
    }

    /// Runs work, and returns what it returns. Work that never ends never returns.
    package func run<Result>(_ work: @escaping () async -> Result) -> Result {
        let outcome = Outcome(work: work)
        Task(executorPreference: self) { outcome.result = await outcome.work() }
        while true {
            waiting.wait()
            let job = jobs.withLock { $0.removeFirst() }
            job.runSynchronously(on: asUnownedTaskExecutor())
            if let result = outcome.result { return result }
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

/// Counts jobs that wait, for the thread that runs them.
///
/// Unchecked, since `sem_t` is made for several threads.
private final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    func wait() {
        while sem_wait(semaphore) != 0 && errno == EINTR {}
    }
}
