package import DoorpostCore
package import Logging
import Synchronization

/// Whether the mail relay answers, learned from deliveries, and by asking while it does not.
package final class RelayHealth: Sendable {
    private enum Knowledge {
        case unknown, up, down
    }

    private struct State {
        var knowledge = Knowledge.unknown
        var isProbing = false
        /// Meant for when the relay is not known to be up.
        var nextProbe: Span
        var lastUp: Span?
    }

    /// From the end of one probe to the next.
    static let probeGap = Span.seconds(5)

    private let state: Mutex<State>
    private let uptime: any Uptime
    private let metrics: DoorMetrics
    private let logger: Logger

    package init(
        metrics: DoorMetrics, logger: Logger, uptime: any Uptime = SystemUptime()
    ) {
        self.uptime = uptime
        self.metrics = metrics
        self.logger = logger
        state = Mutex(State(nextProbe: uptime.now))
    }

    /// Whether a mail got through last, or a probe did; nil until anything is known.
    package var isUp: Bool? {
        state.withLock { $0.knowledge == .unknown ? nil : $0.knowledge == .up }
    }

    /// At least until the next probe; nil while up or not yet known.
    package var isDownFor: Span? {
        let now = uptime.now
        return state.withLock { state in
            guard state.knowledge == .down else { return nil }
            return state.isProbing ? Self.probeGap : max(state.nextProbe - now, .seconds(1))
        }
    }

    /// What a delivery that began then tells. What a relay says about one mail tells nothing.
    ///
    /// - Parameter failure: nil if the mail was taken.
    func learn(_ failure: MailError?, began: Span) {
        guard let failure else { return setUp() }
        if Self.connectionFailures.contains(failure.code) { setDown(failure, began: began) }
    }

    /// Whether it is time to ask. Whoever is told so must call ``probe(_:)``.
    func beginProbe() -> Bool {
        let now = uptime.now
        return state.withLock { state in
            guard state.knowledge != .up, !state.isProbing, now >= state.nextProbe else {
                return false
            }
            state.isProbing = true
            return true
        }
    }

    /// Asks the relay. Blocks.
    func probe(_ mailer: any Mailer) {
        let began = uptime.now
        do {
            try mailer.probe()
            setUp()
        } catch {
            setDown(error, began: began)
        }
        let now = uptime.now
        state.withLock { state in
            state.isProbing = false
            state.nextProbe = now + Self.probeGap
        }
    }

    private func setUp() {
        let now = uptime.now
        let before = state.withLock { state in
            defer { state.knowledge = .up }
            state.lastUp = now
            return state.knowledge
        }
        if before == .up { return }
        metrics.relay(isUp: true)
        logger.info("the mail relay answers")
    }

    private func setDown(_ failure: MailError, began: Span) {
        let now = uptime.now
        let before = state.withLock { state -> Knowledge? in
            // It may have come up while this one was waiting for a time-out.
            if let lastUp = state.lastUp, lastUp > began { return nil }
            defer { state.knowledge = .down }
            if state.knowledge == .up { state.nextProbe = now + Self.probeGap }
            return state.knowledge
        }
        guard let before, before != .down else { return }
        metrics.relay(isUp: false)
        logger.error(
            "the mail relay does not answer: nobody can sign in until it does",
            metadata: ["reason": "\(failure)"])
    }

    /// A time-out is none of them: a relay that looks a stranger's domain up may take long over
    /// one mail, and nobody may shut the door for all with an address of theirs.
    private static let connectionFailures: Set<MailError.Code> = [
        .unreachable, .tls, .authentication, .misconfigured,
    ]
}
