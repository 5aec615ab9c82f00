import DoorpostCore

/// Keeps a wrong clock from deleting what is not old: when the wall clock has jumped, nothing is
/// purged until it has stood by its new time for an hour.
struct PurgeGuard {
    /// What is believed without asking: daylight saving of a clock that is set by hand.
    private static let tolerance = Span.hours(1)
    private static let confirmation = Span.hours(1)

    /// When the machine's uptime was zero, by a wall clock that is believed.
    private var trusted: Timestamp?
    private var suspected: (origin: Timestamp, since: Span)?

    enum Verdict {
        case purge
        /// The clock jumped since we last looked.
        case jumped(Span)
        case wait
    }

    mutating func look(wall: Timestamp, uptime: Span) -> Verdict {
        let origin = wall - uptime
        guard let trusted, !Self.agree(origin, trusted) else { return trust(origin) }
        if let suspected, Self.agree(origin, suspected.origin) {
            return uptime - suspected.since >= Self.confirmation ? trust(origin) : .wait
        }
        suspected = (origin, uptime)
        return .jumped(origin - trusted)
    }

    private mutating func trust(_ origin: Timestamp) -> Verdict {
        trusted = origin
        suspected = nil
        return .purge
    }

    private static func agree(_ left: Timestamp, _ right: Timestamp) -> Bool {
        abs((left - right).milliseconds) <= tolerance.milliseconds
    }
}
