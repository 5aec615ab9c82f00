import NIOPosix

/// Threads for calls that block, so that neither event loops nor tasks wait for disks and relays.
package protocol BlockingThreads: Sendable {
    /// Does the job on one of the threads, when one is free.
    func submit(_ job: @escaping @Sendable () -> Void)
}

extension BlockingThreads {
    /// Does the job on one of the threads and waits for its result without blocking.
    func run<T: Sendable>(_ job: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            submit { continuation.resume(returning: job()) }
        }
    }
}

/// A fixed number of threads. They live until ``stop()``.
package final class ThreadPool: BlockingThreads {
    private let pool: NIOThreadPool

    package init(_ count: Int) {
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    package func submit(_ job: @escaping @Sendable () -> Void) {
        pool.submit { _ in job() }
    }

    /// Lets the threads end, each after what it has in hand; waits for none.
    package func stop() {
        pool.shutdownGracefully { _ in }
    }

    deinit { stop() }
}
