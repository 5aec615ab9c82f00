package import DoorpostCore

/// Time that nobody can set: how long something lasted, whatever the wall clock was told.
package protocol Uptime: Sendable {
    /// Since a point that stays the same while the process lives.
    var now: Span { get }
}

/// The machine's, which goes on while it sleeps.
package struct SystemUptime: Uptime {
    private let start = ContinuousClock.now

    package init() {}

    package var now: Span {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Span(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

extension Span {
    var duration: Duration { .milliseconds(milliseconds) }

    static func + (left: Self, right: Self) -> Self {
        Self(milliseconds: left.milliseconds + right.milliseconds)
    }

    static func - (left: Self, right: Self) -> Self {
        Self(milliseconds: left.milliseconds - right.milliseconds)
    }
}
