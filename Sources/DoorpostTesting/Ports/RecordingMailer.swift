package import DoorpostCore
import Synchronization

/// A mailer that keeps what it is given, or fails as it is told to.
package final class RecordingMailer: Mailer {
    private struct State {
        var delivered: [MailMessage] = []
        var probes = 0
        var failure: MailError?
    }

    private let state = Mutex(State())

    package init() {}

    package var delivered: [MailMessage] { state.withLock { $0.delivered } }
    package var probes: Int { state.withLock { $0.probes } }

    /// What every call throws from now on; nil to work again.
    package func fail(with error: MailError?) {
        state.withLock { $0.failure = error }
    }

    package func deliver(_ message: MailMessage) throws(MailError) -> MailReceipt {
        let failure = state.withLock { state -> MailError? in
            if state.failure == nil { state.delivered.append(message) }
            return state.failure
        }
        if let failure { throw failure }
        return MailReceipt(answer: "250 recorded")
    }

    package func probe() throws(MailError) {
        let failure = state.withLock { state -> MailError? in
            state.probes += 1
            return state.failure
        }
        if let failure { throw failure }
    }
}
