import DoorpostHTTP
import Synchronization

/// Threads that do nothing until a test lets them, or that do everything at once.
final class HeldThreads: BlockingThreads {
    private struct State {
        var isHeld: Bool
        var jobs: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>

    init(isHeld: Bool = false) { state = Mutex(State(isHeld: isHeld)) }

    var waiting: Int { state.withLock { $0.jobs.count } }

    func hold() { state.withLock { $0.isHeld = true } }

    func submit(_ job: @escaping @Sendable () -> Void) {
        let isHeld = state.withLock { state in
            if state.isHeld { state.jobs.append(job) }
            return state.isHeld
        }
        if !isHeld { job() }
    }

    /// Does what was held, and does not hold any more.
    func release() {
        let jobs = state.withLock { state in
            defer { state = State(isHeld: false) }
            return state.jobs
        }
        for job in jobs { job() }
    }
}
