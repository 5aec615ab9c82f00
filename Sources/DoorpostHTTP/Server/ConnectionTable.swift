import Logging
import NIOCore
import Synchronization

/// The connections of one event loop, and the queues of those who wait for their client: all, and
/// those of each source. Used on that loop only.
final class ConnectionTable {
    let limits: ServerLimits
    let logger: Logger
    private let loop: any EventLoop
    private let total: ConnectionCount
    /// What one source may hold of this loop's connections.
    private let share: Int
    private var all: [ObjectIdentifier: RequestGuard] = [:]
    private let waiting = WaitingQueue()
    private var sources: [String: SourceConnections] = [:]
    private var ticks: Scheduled<Void>?
    private var isDraining = false

    private struct SourceConnections {
        var count = 0
        let waiting = WaitingQueue()
    }

    init(
        _ loop: any EventLoop, limits: ServerLimits, total: ConnectionCount, share: Int,
        logger: Logger
    ) {
        self.loop = loop
        self.limits = limits
        self.total = total
        self.share = share
        self.logger = logger
    }

    /// Takes a connection in. When its source has more than its share, or there are too many in
    /// all, the one is closed, of the source or of all, whose client has kept us waiting longest:
    /// one that is about to ask, or is being answered, loses nothing.
    func admit(_ connection: RequestGuard) {
        all[ObjectIdentifier(connection)] = connection
        var ofSource = 0
        if let source = connection.source {
            sources[source, default: .init()].count += 1
            ofSource = sources[source]?.count ?? 0
            connection.queueOfSource = sources[source]?.waiting
        }
        enqueue(connection)
        let count = total.add(1)
        if isDraining {
            connection.close()
        } else if ofSource > share {
            connection.queueOfSource?.first?.close()
        } else if count > limits.connections {
            waiting.first?.close()
        }
        startTicking()
    }

    func remove(_ connection: RequestGuard) {
        guard all.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        dequeue(connection)
        _ = total.add(-1)
        if let source = connection.source, let count = sources[source]?.count {
            sources[source]?.count = count - 1
            if count == 1 { sources[source] = nil }
        }
        if all.isEmpty {
            ticks?.cancel()
            ticks = nil
        }
    }

    /// A connection waits for its client from now on.
    func enqueue(_ connection: RequestGuard) {
        waiting.enqueue(connection.place)
        connection.queueOfSource?.enqueue(connection.placeInSource)
    }

    /// A connection does not wait for its client any more.
    func dequeue(_ connection: RequestGuard) {
        waiting.dequeue(connection.place)
        connection.queueOfSource?.dequeue(connection.placeInSource)
    }

    /// Lets every connection end after what it has in progress.
    func drain() {
        isDraining = true
        for connection in Array(all.values) { connection.drain() }
    }

    func closeAll() {
        for connection in Array(all.values) { connection.close() }
    }

    // One timer for all: one for each would cost more than the connections themselves.
    private func startTicking() {
        guard ticks == nil else { return }
        ticks = loop.assumeIsolated().scheduleTask(in: .milliseconds(250)) {
            self.ticks = nil
            let now = NIODeadline.now()
            for connection in Array(self.all.values) { connection.tick(now: now) }
            if !self.all.isEmpty { self.startTicking() }
        }
    }
}

/// How many connections there are on all event loops together.
final class ConnectionCount: Sendable {
    private let count = Atomic(0)
    private let changed: @Sendable (Int) -> Void

    /// - Parameter changed: told of every change, for metrics.
    init(changed: @escaping @Sendable (Int) -> Void = { _ in }) { self.changed = changed }

    func add(_ difference: Int) -> Int {
        changed(difference)
        return count.add(difference, ordering: .relaxed).newValue
    }
}
