/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since the Unix epoch.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The time that lies `seconds` after the Unix epoch.
    package init(seconds: Int64) {
        self.milliseconds = seconds * 1000
    }

    /// Whole seconds since the Unix epoch, rounded down.
    package var seconds: Int64 {
        milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package static func + (time: Self, span: Span) -> Self {
        Self(milliseconds: time.milliseconds + span.milliseconds)
    }

    package static func - (time: Self, span: Span) -> Self {
        Self(milliseconds: time.milliseconds - span.milliseconds)
    }

    package static func - (later: Self, earlier: Self) -> Span {
        Span(milliseconds: later.milliseconds - earlier.milliseconds)
    }
}

/// A length of time in whole milliseconds, as the configuration writes it: `30s`, `5m`, `12h`, `30d`.
package struct Span: Hashable, Comparable, Sendable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func seconds(_ count: Int64) -> Self { Self(milliseconds: count * 1000) }
    package static func minutes(_ count: Int64) -> Self { seconds(count * 60) }
    package static func hours(_ count: Int64) -> Self { minutes(count * 60) }
    package static func days(_ count: Int64) -> Self { hours(count * 24) }

    /// Whole seconds, rounded up: what a person or a `Retry-After` header is told to wait.
    package var wholeSeconds: Int64 { (milliseconds + 999) / 1000 }

    package static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
