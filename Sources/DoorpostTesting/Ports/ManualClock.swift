package import DoorpostCore
import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualClock: DoorpostCore.Clock {
    private let time: Mutex<Timestamp>

    package init(_ start: Timestamp = Timestamp(seconds: 1_800_000_000)) {
        time = Mutex(start)
    }

    package var now: Timestamp { time.withLock { $0 } }

    package func advance(by span: Span) {
        time.withLock { $0 = $0 + span }
    }

    package func set(_ now: Timestamp) {
        time.withLock { $0 = now }
    }
}
