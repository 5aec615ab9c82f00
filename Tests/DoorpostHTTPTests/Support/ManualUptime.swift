import DoorpostCore
import DoorpostHTTP
import Synchronization

/// An uptime that stands still until a test moves it.
final class ManualUptime: Uptime {
    private let time = Mutex(Span.hours(5))

    var now: Span { time.withLock { $0 } }

    func advance(by span: Span) {
        time.withLock { $0.milliseconds += span.milliseconds }
    }
}
