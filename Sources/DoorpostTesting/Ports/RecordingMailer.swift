package import DoorpostCore
import Synchronization

/// A mailer that keeps what it is given, or fails as it is told to.
package final class RecordingMailer: Mailer {
    private struct State {
        var delivered: [MailMessage] = []
        var offered: [MailMessage] = []
        var probes = 0
        var failure: MailError?
        var script: [MailError?] = []
        var meanwhile: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())

    package init() {}

    package var delivered: [MailMessage] { state.withLock { $0.delivered } }
    /// Also those that were not taken.
    package var offered: [MailMessage] { state.withLock { $0.offered } }
    package var probes: Int { state.withLock { $0.probes } }

    /// What every call throws from now on; nil to work again.
    package func fail(with error: MailError?) {
        state.withLock { $0.failure = error }
    }

    /// What the next deliveries throw, one after the other; nil takes the mail.
    package func answer(_ script: [MailError?]) {
        state.withLock { $0.script = script }
    }

    /// What happens while a delivery or a probe is under way; it may block.
    package func meanwhile(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.meanwhile = action }
    }

    package func deliver(_ message: MailMessage) throws(MailError) -> MailReceipt {
        state.withLock { $0.meanwhile }()
        let failure = state.withLock { state -> MailError? in
            state.offered.append(message)
            let failure = state.script.isEmpty ? state.failure : state.script.removeFirst()
            if failure == nil { state.delivered.append(message) }
            return failure
        }
        if let failure { throw failure }
        return MailReceipt(answer: "250 recorded")
    }

    package func probe() throws(MailError) {
        state.withLock { $0.meanwhile }()
        let failure = state.withLock { state -> MailError? in
            state.probes += 1
            return state.failure
        }
        if let failure { throw failure }
    }
}
