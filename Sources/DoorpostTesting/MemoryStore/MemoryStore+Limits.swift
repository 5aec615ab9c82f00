import DoorpostCore

extension MemoryStore.State {
    /// The limit among the rules that stays shut longest, or nil if all have room.
    func hit(_ rules: [LimitRule], of source: String? = nil, now: Timestamp) -> LimitHit? {
        var hits: [LimitHit] = []
        let isStranger = source.map { key in !sessions.contains { $0.sourceKey == key } } ?? false
        for rule in rules {
            let rates = isStranger ? rule.strangerRates ?? rule.rates : rule.rates
            guard var freeAt = freeAt(rates, of: rule.key, now: now) else { continue }
            if let reserve = rule.reserve {
                guard let other = self.freeAt(reserve.rates, of: reserve.key, now: now) else {
                    continue
                }
                freeAt = min(freeAt, other)
            }
            hits.append(LimitHit(rule.name, freeAt: freeAt))
        }
        return Self.latest(hits)
    }

    /// When all rates of a key have room again, or nil if they have room now.
    private func freeAt(_ rates: [Rate], of key: LimitKey, now: Timestamp) -> Timestamp? {
        rates.compactMap { freeAt($0, of: key, now: now) }.max()
    }

    /// The one that stays shut longest; the first of several.
    static func latest(_ hits: [LimitHit?]) -> LimitHit? {
        hits.compactMap(\.self).reduce(nil) { last, hit in
            guard let last else { return hit }
            return hit.freeAt > last.freeAt ? hit : last
        }
    }

    private func freeAt(_ rate: Rate, of key: LimitKey, now: Timestamp) -> Timestamp? {
        guard rate.count > 0 else { return now + rate.window }
        let counted = (events[key] ?? []).filter {
            $0.at > now - rate.window && $0.at <= now + .seconds(60)
        }
        guard counted.count >= rate.count else { return nil }
        return counted[counted.count - rate.count].at + rate.window
    }

    /// Counts one event of each rule that counts.
    mutating func count(_ rules: [LimitRule], at now: Timestamp, attempt: String? = nil) {
        for rule in rules where rule.counts {
            for key in [rule.key] + [rule.reserve?.key].compactMap(\.self) {
                var list = events[key] ?? []
                // Times of a key never run backwards, except when the clock was set back.
                list.removeAll { $0.at > now + .seconds(60) }
                let at = max(now, list.last?.at ?? now)
                list.append(MemoryStore.Event(at: at, attempt: attempt))
                events[key] = list
            }
        }
    }

    /// Takes back what an attempt has counted.
    mutating func takeBack(_ attempt: String) {
        for key in events.keys { events[key]?.removeAll { $0.attempt == attempt } }
    }

    /// Writes one record.
    mutating func append(_ event: AuditEvent) {
        lastSequence += 1
        audit.append(AuditRecord(sequence: lastSequence, event: event))
    }

    /// Writes that a limit refused what the event tells of.
    mutating func append(_ event: AuditEvent, refusedBy hit: LimitHit) {
        var event = event
        event.kind = .limited
        event.detail = hit.name.rawValue
        append(event)
    }
}
