import Logging
import NIOCore
import Synchronization

/// The connections of one event loop, and the queue of those who wait for their client. Used on
/// that loop only.
final class ConnectionTable {
    let limits: ServerLimits
    let logger: Logger
    private let loop: any EventLoop
    private let total: ConnectionCount
    private var all: [ObjectIdentifier: RequestGuard] = [:]
    private var first: RequestGuard?
    private var last: RequestGuard?
    private var ticks: Scheduled<Void>?
    private var isDraining = false

    init(_ loop: any EventLoop, limits: ServerLimits, total: ConnectionCount, logger: Logger) {
        self.loop = loop
        self.limits = limits
        self.total = total
        self.logger = logger
    }

    /// Takes a connection in. When there are too many, the one is closed whose client has kept us
    /// waiting longest: one that is about to ask, or is being answered, loses nothing.
    func admit(_ connection: RequestGuard) {
        all[ObjectIdentifier(connection)] = connection
        enqueue(connection)
        let count = total.add(1)
        if isDraining {
            connection.close()
        } else if count > limits.connections {
            first?.close()
        }
        startTicking()
    }

    func remove(_ connection: RequestGuard) {
        guard all.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        dequeue(connection)
        _ = total.add(-1)
        if all.isEmpty {
            ticks?.cancel()
            ticks = nil
        }
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

// The queue: linked through the connections, so that every step costs the same.
extension ConnectionTable {
    func enqueue(_ connection: RequestGuard) {
        dequeue(connection)
        connection.isQueued = true
        connection.earlier = last
        last?.later = connection
        last = connection
        first = first ?? connection
    }

    func dequeue(_ connection: RequestGuard) {
        guard connection.isQueued else { return }
        connection.isQueued = false
        if first === connection { first = connection.later }
        if last === connection { last = connection.earlier }
        connection.earlier?.later = connection.later
        connection.later?.earlier = connection.earlier
        connection.earlier = nil
        connection.later = nil
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
