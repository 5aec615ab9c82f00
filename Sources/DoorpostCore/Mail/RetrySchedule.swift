/// When a mail that was not taken is tried again: after 30 s, 1, 2 and 4 minutes, and then every
/// 4 minutes, as long as its code lives. Greylisting relays ask for about that.
package enum RetrySchedule {
    private static let gaps: [Span] = [.seconds(30), .minutes(1), .minutes(2), .minutes(4)]

    /// - Parameter tries: how often it was handed to a relay, this time included.
    package static func gap(afterTries tries: Int) -> Span {
        gaps[min(max(tries - 1, 0), gaps.count - 1)]
    }
}
