internal import Synchronization

/// Connections to one relay on which a mail was taken, kept open for the next.
final class SMTPConnections: Sendable {
    private struct Idle {
        let connection: SMTPConnection
        let since: ContinuousClock.Instant
    }

    private let idle = Mutex<[Idle]>([])
    private let limit: Int
    private let longestIdle: Duration

    /// - Parameters:
    ///   - limit: how many are kept at most; with 0 none is.
    ///   - longestIdle: how long one is kept without a mail. Relays hang up after minutes, some
    ///     after half a one; whether they have is seen too late if the goodbye is still under way.
    init(keeping limit: Int, longestIdle: Duration = .seconds(20)) {
        self.limit = limit
        self.longestIdle = longestIdle
    }

    /// The connection used last, so that under less load the others grow old; nil if there is none.
    func take() -> SMTPConnection? {
        let oldest = ContinuousClock.now - longestIdle
        // What is too old is closed when this returns, not under the lock: closing is I/O.
        let (connection, old) = idle.withLock { idle in
            let old = idle.filter { $0.since < oldest }
            idle.removeAll { $0.since < oldest }
            return (idle.popLast()?.connection, old)
        }
        _ = old
        return connection
    }

    /// Takes a connection back after an errand that went well.
    func keep(_ connection: SMTPConnection) {
        let new = Idle(connection: connection, since: .now)
        idle.withLock { if $0.count < limit { $0.append(new) } }
    }
}
