import Synchronization

/// The threads for work that blocks: the store, signatures, files. Event loops never wait for it.
package final class BlockingPool: Sendable {
    /// Nobody can be taken in: as much waits already as a person would wait for.
    package struct Busy: Error, Equatable {}

    private let executor: PoolExecutor
    private let admitted = Mutex(0)
    private let limit: Int

    /// - Parameters:
    ///   - threads: how many bodies block at a time.
    ///   - waiting: how many more are taken in.
    package init(threads: Int = 32, waiting: Int = 256) {
        executor = PoolExecutor(threads: threads)
        limit = threads + waiting
    }

    /// Runs a body on the pool's threads; whatever it calls, and awaits, goes on there too.
    ///
    /// - Throws: ``Busy`` at once when the pool is full, else what the body throws.
    package func run<Value: Sendable, Failure: Error>(
        _ body: @concurrent @Sendable () async throws(Failure) -> Value
    ) async throws -> Value {
        try enter()
        defer { admitted.withLock { $0 -= 1 } }
        return try await withTaskExecutorPreference(executor) { try await body() }
    }

    /// Ends the threads once they have done what they were given.
    package func shutDown() async throws {
        try await executor.shutDown()
    }

    private func enter() throws(Busy) {
        let isFull = admitted.withLock { count in
            if count >= limit { return true }
            count += 1
            return false
        }
        if isFull { throw Busy() }
    }
}
