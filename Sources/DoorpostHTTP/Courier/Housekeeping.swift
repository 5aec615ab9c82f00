import DoorpostCore
import Logging
import Synchronization

/// Deletes what has no use any more, in small steps, so that no login waits long for the store.
final class Housekeeping: Sendable {
    /// A transaction deletes of five kinds so many each: 200 rows.
    static let batch = 40

    private let clock: any DoorpostCore.Clock
    private let uptime: any Uptime
    private let logger: Logger
    private let purgeGuard = Mutex(PurgeGuard())

    init(clock: any DoorpostCore.Clock, uptime: any Uptime, logger: Logger) {
        self.clock = clock
        self.uptime = uptime
        self.logger = logger
    }

    /// One step. Blocks.
    ///
    /// - Returns: whether there may be more to do.
    func step(_ store: any Store) -> Bool {
        let (wall, up) = (clock.now, uptime.now)
        switch purgeGuard.withLock({ $0.look(wall: wall, uptime: up) }) {
        case .purge: break
        case .wait: return false
        case .jumped(let span):
            logger.warning(
                "the clock jumped: nothing is purged until it has kept its time for an hour",
                metadata: ["seconds": "\(span.milliseconds / 1000)"])
            return false
        }
        do {
            return try store.purge(now: wall, limit: Self.batch) > 0
        } catch {
            logger.warning("purging failed", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
