package import DoorpostCore

/// Which key signs, which are published, which can go: decided by time alone, without any I/O.
package struct KeyRing: Hashable, Sendable {
    /// All keys, in the order in which they sign.
    package let records: [KeyRecord]
    package let policy: KeyPolicy

    package init(_ records: [KeyRecord], policy: KeyPolicy = KeyPolicy()) {
        self.policy = policy
        // The order must not hang on how a directory lists its files.
        self.records = records.sorted { left, right in
            if left.signFrom != right.signFrom { return left.signFrom < right.signFrom }
            if left.created != right.created { return left.created < right.created }
            return left.id < right.id
        }
    }

    /// The keys that nobody revoked, in the order in which they sign.
    private var valid: [KeyRecord] { records.filter { $0.revoked == nil } }

    /// The key that signs now: the newest whose time has come.
    package func signing(at now: Timestamp) -> KeyRecord? {
        valid.last { $0.signFrom <= now }
    }

    /// The key that waits for its time, if one does.
    package func next(at now: Timestamp) -> KeyRecord? {
        valid.first { $0.signFrom > now }
    }

    /// When the last token that this key can have signed has run out; nil while no other key
    /// is there to follow it.
    package func retirement(of key: KeyRecord) -> Timestamp? {
        guard let index = valid.firstIndex(of: key), index + 1 < valid.count else { return nil }
        return valid[index + 1].signFrom + policy.longestTokenLife
    }

    /// The keys that stand in the key set, and so the only ones whose signatures count.
    package func published(at now: Timestamp) -> [KeyRecord] {
        valid.filter { key in
            guard let end = retirement(of: key) else { return true }
            return now < end
        }
    }

    /// The keys whose files are of no more use: revoked, or past their retirement.
    package func prunable(at now: Timestamp) -> [KeyRecord] {
        let published = Set(published(at: now))
        return records.filter { !published.contains($0) }
    }
}
