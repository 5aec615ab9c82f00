import DoorpostCore
import Glibc
import Synchronization

/// How long one call waits for other processes: for the write lock and then for SQLite's own
/// locks, both out of one allowance, so that a person at a prompt waits once and not twice.
final class Patience: Sendable {
    private let deadline: Mutex<ContinuousClock.Instant>

    init() { deadline = Mutex(.now) }

    /// Says until when the call that runs now may wait. Calls run one at a time, on the queue
    /// of the connection, which asks back here while the call runs.
    func wait(until instant: ContinuousClock.Instant) {
        deadline.withLock { $0 = instant }
    }

    /// Sleeps a little before another try.
    ///
    /// - Returns: false, without having slept, if the time is over.
    func pause(before attempt: Int) -> Bool {
        let left = ContinuousClock.now.duration(to: deadline.withLock { $0 })
        guard left > .zero else { return false }
        // Short at first, because a commit takes a fraction of a millisecond; random, because
        // processes that were refused together would otherwise come back together.
        let longest = min(50_000 << Int64(min(attempt, 6)), 3_000_000)
        var time = timespec(tv_sec: 0, tv_nsec: Int.random(in: longest / 4...longest))
        nanosleep(&time, nil)
        return true
    }
}

extension Span {
    /// The same length for Swift's monotonic clocks.
    var duration: Duration { .milliseconds(milliseconds) }
}
