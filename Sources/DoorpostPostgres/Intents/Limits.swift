import DoorpostCore

extension Span {
    /// How far a time may lie ahead of ours: processes read the clock before they wait for a
    /// lock. What lies further ahead was written before the clock was set back.
    static let clockTolerance = Span.seconds(60)

    /// How long limit events are kept: the longest window that a rate may have.
    static let longestWindow = Span.days(1)
}

extension Transaction {
    /// The limit among the rules that stays shut longest, or nil if all have room. Those that
    /// count must be locked, or are looked at again when they are.
    ///
    /// - Parameter source: the key of the source; nil is one that is known.
    func hit(_ rules: [LimitRule], of source: String? = nil, now: Timestamp) throws -> LimitHit? {
        var last: LimitHit?
        for rule in try settled(rules, of: source) {
            guard var freeAt = try freeAt(rule.rates, of: rule.key, now: now) else { continue }
            if let reserve = rule.reserve {
                guard let reserveFreeAt = try self.freeAt(reserve.rates, of: reserve.key, now: now)
                else { continue }
                freeAt = min(freeAt, reserveFreeAt)
            }
            last = .later(last, LimitHit(rule.name, freeAt: freeAt))
        }
        return last
    }

    /// When all rates of a key have room again, or nil if they have room now.
    private func freeAt(_ rates: [Rate], of key: LimitKey, now: Timestamp) throws -> Timestamp? {
        try rates.compactMap { try freeAt($0, of: key, now: now) }.max()
    }

    /// The rules with the rates that hold for a source.
    func settled(_ rules: [LimitRule], of source: String?) throws -> [LimitRule] {
        try rules.map { rule in
            var rule = rule
            if let fewer = rule.strangerRates, let source, try isStranger(source) {
                rule.rates = fewer
            }
            rule.strangerRates = nil
            return rule
        }
    }

    /// Whether nobody has signed in from a source, as far as sessions are remembered.
    private func isStranger(_ source: String) throws -> Bool {
        try row("SELECT 1 FROM sessions WHERE source_key = $1 LIMIT 1", [source]) == nil
    }

    /// When a rate that is used up has room again, or nil if it has room now.
    ///
    /// An event at `a` counts while `now < a + window`. With `count` events in the window, the
    /// `count`-th newest is the one that must leave.
    private func freeAt(_ rate: Rate, of key: LimitKey, now: Timestamp) throws -> Timestamp? {
        guard rate.count > 0 else { return now + rate.window }
        let after = now - rate.window
        let until = now + .clockTolerance
        if rate.count > Self.cheapCount,
            try mostEvents(of: key, after: after, until: until) < rate.count
        {
            return nil
        }
        return try row(
            """
            SELECT at FROM limit_events WHERE key = $1 AND at > $2 AND at <= $3
            ORDER BY at DESC, number DESC LIMIT 1 OFFSET $4
            """, [key.text, after, until, rate.count - 1]
        ).map { try $0.time(0) + rate.window }
    }

    /// Up to here it costs no more to walk the events than to ask for their number first.
    private static let cheapCount = 64

    /// An upper bound on the events of a key in a window, for the price of two index seeks:
    /// numbers grow with time, so there are at most as many events as numbers between the
    /// first and the last. (There are fewer where successes were taken back.)
    private func mostEvents(of key: LimitKey, after: Timestamp, until: Timestamp) throws -> Int {
        try row(
            """
            SELECT
                coalesce((SELECT number FROM limit_events WHERE key = $1 AND at > $2 AND at <= $3
                    ORDER BY at DESC, number DESC LIMIT 1), 0)
                - coalesce((SELECT number FROM limit_events
                    WHERE key = $1 AND at > $2 AND at <= $3 ORDER BY at, number LIMIT 1), 1)
                + 1
            """, [key.text, after, until])?.count(0) ?? 0
    }

    /// Counts one event of each rule that counts and is not shared; their keys must be locked.
    func count(_ rules: [LimitRule], at now: Timestamp, attempt: String? = nil) throws {
        for rule in rules where rule.counts && !rule.isShared {
            try count(rule.key, at: now, attempt: attempt)
            // Under the lock of the rule's key, which is counted together with it.
            if let reserve = rule.reserve {
                try count(reserve.key, at: now, attempt: attempt)
            }
        }
    }

    /// Holds what all sign-ins share, and counts there: the last that a call does.
    ///
    /// - Parameters:
    ///   - rules: those that are not shared are passed over. They must be settled.
    ///   - isMailed: what all mails have in common counts only if there is one.
    /// - Throws: ``SharedLimitReached``
    func countShared(
        _ rules: [LimitRule], isMailed: Bool = true, at now: Timestamp, attempt: String? = nil
    ) throws {
        let shared = rules.filter { $0.counts && $0.isShared }
        try lock(shared.map { .limit($0.key) })
        if let hit = try hit(shared, now: now) { throw SharedLimitReached(hit: hit) }
        for rule in shared {
            if isMailed || rule.name != .mailsTotal {
                try count(rule.key, at: now, attempt: attempt)
            } else {
                try waitAsFor(statements: 1)
            }
        }
    }

    /// Counts one event of a key.
    ///
    /// Times of a key never run backwards: an event whose process read the clock earlier, but
    /// got the lock later, counts from the time of the one before it. So the numbers are in
    /// the order of the times, on which ``mostEvents(of:after:until:)`` rests.
    private func count(_ key: LimitKey, at now: Timestamp, attempt: String?) throws {
        let values: [(any Bindable)?] = [key.text, now, now + .clockTolerance, attempt]
        if try run(Self.countEvent, values) == 0 {
            // The clock was set back. Events ahead of it count for nothing, and would draw every
            // new one with them.
            try run(
                "DELETE FROM limit_events WHERE key = $1 AND at > $2",
                [key.text, now + .clockTolerance])
            try run(Self.countEvent, values)
        }
    }

    private static let countEvent = """
        INSERT INTO limit_events (key, at, number, attempt)
        SELECT $1::text,
            greatest($2::bigint, coalesce((SELECT at FROM limit_events WHERE key = $1::text
                ORDER BY at DESC, number DESC LIMIT 1), $2::bigint)),
            1 + coalesce((SELECT number FROM limit_events WHERE key = $1::text
                ORDER BY at DESC, number DESC LIMIT 1), 0),
            $4::text
        WHERE NOT EXISTS (SELECT 1 FROM limit_events WHERE key = $1::text AND at > $3::bigint)
        """

    /// Takes back what an attempt has counted.
    func takeBack(_ attempt: String) throws {
        try run("DELETE FROM limit_events WHERE attempt = $1", [attempt])
    }
}

extension LimitHit {
    /// The one that stays shut longer; the first if both open together.
    static func later(_ first: Self?, _ second: Self?) -> Self? {
        guard let first, let second else { return first ?? second }
        return second.freeAt > first.freeAt ? second : first
    }
}
