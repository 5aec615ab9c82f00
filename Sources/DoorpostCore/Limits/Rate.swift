/// So many events in any stretch of this length, a day at most: `5/h`, `20/d`.
///
/// An event at `a` is in the window while `now < a + window`. The times of one key never run
/// backwards: an event whose process read the clock earlier, but came to the store later, counts
/// from the time of the one before it.
package struct Rate: Hashable, Sendable {
    package var count: Int
    package var window: Span

    package init(_ count: Int, per window: Span) {
        self.count = count
        self.window = window
    }

    /// Half as many, rounded up.
    var half: Self { Self((count + 1) / 2, per: window) }

    /// A quarter as many, rounded up.
    var quarter: Self { Self((count + 3) / 4, per: window) }
}

/// What is counted, and for whom, as one row key in the store, for example `failures:user:…`.
package struct LimitKey: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// A limit as a store is asked to keep it: refuse when any rate is used up, else count one event.
package struct LimitRule: Hashable, Sendable {
    /// Which limit this is, for the audit trail and messages.
    package var name: LimitName
    package var key: LimitKey
    package var rates: [Rate]
    /// What a source that never signed in may use of it; nil is all of it.
    package var strangerRates: [Rate]?
    /// What there is beside it once its rates are used up; nil is nothing.
    package var reserve: LimitReserve?
    /// Whether this event is counted; false only asks whether there is room.
    package var counts: Bool

    package init(
        _ name: LimitName, key: LimitKey, rates: [Rate], strangerRates: [Rate]? = nil,
        reserve: LimitReserve? = nil, counts: Bool = true
    ) {
        self.name = name
        self.key = key
        self.rates = rates
        self.strangerRates = strangerRates
        self.reserve = reserve
        self.counts = counts
    }
}

/// What some may use when a limit that they share with others is used up. Their events are counted
/// here and there, so here are no events that are not there.
package struct LimitReserve: Hashable, Sendable {
    package var key: LimitKey
    package var rates: [Rate]

    package init(_ key: LimitKey, rates: [Rate]) {
        self.key = key
        self.rates = rates
    }
}

/// The names of the limits, as the configuration spells them.
package enum LimitName: String, Sendable, CaseIterable {
    case mailsPerAddress = "mails_per_address"
    case failuresPerAccount = "failures_per_account"
    case startsPerSource = "starts_per_source"
    case failuresPerSource = "failures_per_source"
    case failuresTotal = "failures_total"
    case mailsTotal = "mails_total"
    /// The least time between two mails to one account (`code.resend_after`).
    case resendAfter = "resend_after"
    /// Challenges of one account that may live at once.
    case liveChallenges = "live_challenges"
}

/// A limit that is used up.
package struct LimitHit: Hashable, Sendable {
    package var name: LimitName
    /// The earliest time at which the same call has room again.
    package var freeAt: Timestamp

    package init(_ name: LimitName, freeAt: Timestamp) {
        self.name = name
        self.freeAt = freeAt
    }
}
