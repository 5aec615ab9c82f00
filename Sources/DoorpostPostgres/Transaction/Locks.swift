import DoorpostCore

// What must be counted exactly is counted by one transaction at a time. A unit of counting is a row
// of `locks`: whoever counts under a limit's key, or looks whether a subject has a challenge,
// holds the row of the key until its COMMIT. Under READ COMMITTED each statement sees what was
// committed before it began; all that reads or writes what a key stands for begins after the row
// is held, so it sees everything that earlier holders did, and nobody adds to it meanwhile. So a
// limit is as exact as under SQLite's one writer, and two keys do not wait for each other.
//
// What all sign-ins count under (all mails, all failures) is a row that all of them need. It is
// held last of all and for four statements, COMMIT included: from being held to being free again is
// what one sign-in costs all the others, wherever they are made. So the rest of the call is done by
// then; should the limit have been reached after it was first looked at, the call is undone, and
// begun again as one that is refused (`SharedLimitReached`).
//
// Rows and not advisory locks: CockroachDB takes pg_advisory_lock for a no-op.
//
// A rule that is only asked (`counts: false`) needs no lock: nothing is counted under it here,
// so the call is as good as one that came before whatever is being counted just now.

/// What is locked, besides users and challenges.
enum LockKey: Hashable {
    /// Where events are counted.
    case limit(LimitKey)
    /// The challenges of a subject: whether one lives, and when it was mailed.
    case subject(String)
    /// Who is in which group.
    case groups

    var text: String {
        switch self {
        case .limit(let key): "limit:\(key)"
        case .subject(let subject): "subject:\(subject)"
        case .groups: "groups"
        }
    }
}

/// Rows of `locks` that are to be held are not there yet.
struct MissingLocks: Error {
    var keys: [String]
}

/// A limit that all sign-ins share was reached while the call was under way.
struct SharedLimitReached: Error {
    var hit: LimitHit
}

extension LimitRule {
    /// Whether every sign-in counts under its key.
    var isShared: Bool { name == .mailsTotal || name == .failuresTotal }
}

extension Transaction {
    /// Holds these until the end of the transaction. To be called before anything else is locked,
    /// and for what is shared, after all else.
    ///
    /// - Throws: ``MissingLocks``; then the transaction is given up and begun again when
    ///   ``Connection/makeLocks(_:)`` has made them. (Rows made in here would be locked out of
    ///   their order.)
    func lock(_ keys: [LockKey]) throws {
        let texts = Set(keys.map(\.text)).sorted()
        guard !texts.isEmpty else { return }
        let found = try rows(
            "SELECT key FROM locks WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE",
            [List(texts)])
        guard found.count == texts.count else { throw MissingLocks(keys: texts) }
    }

    /// Holds what the rules count under, but for what is shared, and more.
    func lock(_ rules: [LimitRule], and more: [LockKey] = []) throws {
        try lock(rules.filter { $0.counts && !$0.isShared }.map { .limit($0.key) } + more)
    }

    /// Locks that nobody has asked for in a day go; whoever comes for one of them makes it anew.
    /// Those that are held now stay.
    func purgeLocks(limit: Int) throws {
        try run(
            """
            DELETE FROM locks WHERE key IN (
                SELECT key FROM locks
                WHERE made_at < extract(epoch FROM now())::bigint * 1000 - 86400000
                ORDER BY made_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            """, [limit])
    }
}

extension Connection {
    /// Makes rows to be locked, in a transaction of their own.
    func makeLocks(_ keys: [String]) throws {
        for key in keys {
            _ = try execute(
                """
                INSERT INTO locks (key, made_at)
                VALUES ($1, extract(epoch FROM now())::bigint * 1000) ON CONFLICT DO NOTHING
                """, [key])
        }
    }
}
