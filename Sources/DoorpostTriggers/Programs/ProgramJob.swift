import Synchronization

/// One event on its way through a program, and whoever waits for the answer.
final class ProgramJob: Sendable {
    typealias Result = Swift.Result<ProgramAnswer, ProgramFault>

    private struct State {
        var waiter: CheckedContinuation<Result, Never>?
        var result: Result?
        /// Wakes the thread that has this in hand.
        var worker: Waker?
    }

    let event: TriggerEvent
    /// Until when it may wait for a program.
    let waitsUntil: ContinuousClock.Instant
    private let state = Mutex(State())

    init(_ event: TriggerEvent, patience: Duration) {
        self.event = event
        waitsUntil = .now + patience
    }

    /// Waits for the answer. A cancelled task gets ``ProgramFault/cancelled`` at once, and the
    /// program is killed.
    func result() async -> Result {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.waiter = continuation }
                    return state.result
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            finish(.failure(.cancelled))
            state.withLock { $0.worker }?.wake()
        }
    }

    /// Whether nobody waits for an answer any more.
    var isOver: Bool { state.withLock { $0.result != nil } }

    func isWith(_ worker: Waker) { state.withLock { $0.worker = worker } }

    /// Gives the answer; the first one counts.
    func finish(_ result: Result) {
        let waiter = state.withLock { state in
            guard state.result == nil else { return nil as CheckedContinuation<Result, Never>? }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }
}
