import DoorpostCore
import Logging
import ServiceLifecycle

extension OutboxCourier {
    /// Works until the server shuts down, and then finishes what is in hand.
    package func run() async throws {
        let mailer = tools.mailer
        await chores.run { mailer.prepare() }
        await cancelWhenGracefulShutdown { await self.keepGoing() }
        await chores.run { self.close() }
        if await !isDrained() {
            logger.warning("mails in hand were left behind; the next server finds them")
        }
        await chores.run { self.recordForTheLastTime() }
    }

    private func keepGoing() async {
        await withTaskGroup { group in
            group.addTask {
                await self.repeating(every: self.pace.poll) {
                    await self.chores.run { self.poll() }
                }
            }
            group.addTask {
                // Not waited for: a relay that hangs must not hold up a shutdown.
                await self.repeating(every: self.pace.poll) { self.probeRelayIfDue() }
            }
            group.addTask {
                await self.repeating(every: self.pace.purge) { await self.purge() }
            }
        }
    }

    private func repeating(
        every gap: Duration, _ action: @Sendable () async -> Void
    ) async {
        while !Task.isCancelled {
            await action()
            try? await Task.sleep(for: gap)
        }
    }

    /// Asks the relay whether it is there, if it is not known to be.
    func probeRelayIfDue() {
        guard relay.beginProbe() else { return }
        chores.submit { self.relay.probe(self.tools.mailer) }
    }

    /// Purges until nothing is left to purge.
    func purge() async {
        while !Task.isCancelled,
            await chores.run({ self.housekeeping.step(self.tools.flow.store) })
        {
            try? await Task.sleep(for: pace.purgePause)
        }
    }

    private func isDrained() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.waitUntilIdle()
                return !Task.isCancelled
            }
            group.addTask {
                try? await Task.sleep(for: self.pace.drain)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
