package import DoorpostCore
package import Logging
import Synchronization

/// Whether the server can do its work.
package struct Readiness: Hashable, Sendable {
    /// The store takes writes.
    package var store: Bool
    /// There is a key to sign tokens with.
    package var keys: Bool
    /// The mail relay answers; nil while nobody knows.
    package var mail: Bool?

    /// Whether requests should be sent here. Not a matter of the relay: it is the same for all
    /// servers, and who has a code or a session needs none.
    package var isGood: Bool { store && keys }
}

/// Finds out whether the server can do its work, at most once a second.
package final class ReadinessCheck: Sendable {
    private let relay: RelayHealth
    private let threads: any BlockingThreads
    private let logger: Logger
    private let cached: Cached<Readiness>
    private let reasons = Mutex<[String: String]>([:])

    /// - Parameter threads: where the store is asked.
    package init(
        relay: RelayHealth, threads: any BlockingThreads, logger: Logger,
        uptime: any Uptime = SystemUptime()
    ) {
        self.relay = relay
        self.threads = threads
        self.logger = logger
        cached = Cached(for: .seconds(1), uptime: uptime)
    }

    package func readiness(of flow: Flow) async -> Readiness {
        await cached.value {
            Readiness(
                store: await self.isStoreGood(flow), keys: await self.areKeysGood(flow),
                mail: self.relay.isUp)
        }
    }

    private func isStoreGood(_ flow: Flow) async -> Bool {
        let failure = await threads.run { () -> StoreError? in
            do throws(StoreError) {
                try flow.store.checkWritable()
                return nil
            } catch {
                return error
            }
        }
        return note("store", failure.map { "\($0)" })
    }

    private func areKeysGood(_ flow: Flow) async -> Bool {
        do {
            try await flow.tokens.prepare(at: flow.clock.now)
            return note("keys", nil)
        } catch {
            return note("keys", "\(error)")
        }
    }

    /// Logs what is new, not each time that it is looked at.
    private func note(_ part: String, _ reason: String?) -> Bool {
        let before = reasons.withLock { reasons in
            defer { reasons[part] = reason }
            return reasons[part]
        }
        if let reason, reason != before {
            logger.error("not ready", metadata: ["part": "\(part)", "reason": "\(reason)"])
        } else if reason == nil, before != nil {
            logger.info("ready again", metadata: ["part": "\(part)"])
        }
        return reason == nil
    }
}
