import Dispatch
import DoorpostCore
import Synchronization

/// The connections of a store: opened when they are needed, kept for whoever comes next.
final class Pool: Sendable {
    private let address: PostgresAddress
    private let patience: Span
    private let idle = Mutex<[Connection]>([])
    private let places: DispatchSemaphore

    /// - Parameter limit: how many connections may be open at once.
    init(_ address: PostgresAddress, limit: Int, patience: Span) {
        self.address = address
        self.patience = patience
        places = DispatchSemaphore(value: limit)
    }

    /// Lends a connection. One that broke meanwhile does not come back.
    ///
    /// - Throws: ``StoreError/Code/busy`` if all stay in use until the deadline.
    func use<T>(
        until deadline: ContinuousClock.Instant, _ body: (Connection) throws -> T
    ) throws -> T {
        let left = max(ContinuousClock.now.duration(to: deadline), .zero)
        guard places.wait(timeout: .now() + .milliseconds(left.wholeMilliseconds)) == .success
        else {
            throw StoreError(
                .busy, "all connections to \(address) are in use. Try again, or look at its load.")
        }
        defer { places.signal() }
        let connection =
            try idle.withLock { $0.popLast() } ?? Connection(address, patience: patience)
        connection.deadline = deadline
        defer { if connection.isOpen { idle.withLock { $0.append(connection) } } }
        return try body(connection)
    }

    /// Closes those that nobody uses: when one broke, they are likely to lead nowhere, too.
    func closeIdle() { idle.withLock { $0 = [] } }
}

extension Duration {
    /// Rounded up, so that what is left of a wait is waited.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000
            + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
