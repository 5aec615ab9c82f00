import DoorpostCore

// A COMMIT whose answer does not come may have happened or not, and the code may be consumed or
// not. So every transaction that writes leaves a row of its own in `commits`, with a random name.
// Whoever got no answer inserts a row of that name, which says that it did not happen. If the
// transaction is still under way, that waits for its end, since the name is unique; then one of
// the two is there for good, and says what became of it.
//
// Not pg_xact_status(): CockroachDB and YugabyteDB have none.

/// A transaction, by the row that it leaves.
struct CommitName {
    let text: String

    init() {
        var random = SystemRandomNumberGenerator()
        let numbers = (0..<2).map { _ in String(random.next() as UInt64, radix: 16) }
        text = numbers.joined(separator: "-")
    }

    /// Leaves the row and commits: one message, so one wait for the server.
    var commit: String {
        """
        INSERT INTO commits (name, happened, made_at)
            VALUES ('\(text)', true, extract(epoch FROM now())::bigint * 1000);
        COMMIT
        """
    }
}

extension Connection {
    /// Whether a transaction happened whose answer was lost. If not, it never will.
    func didHappen(_ name: CommitName) throws -> Bool {
        _ = try execute(
            """
            INSERT INTO commits (name, happened, made_at)
            VALUES ($1, false, extract(epoch FROM now())::bigint * 1000) ON CONFLICT DO NOTHING
            """, [name.text])
        let found = try execute("SELECT happened FROM commits WHERE name = $1", [name.text]).rows
        guard let found = found.first else { throw StoreError.unreadable("commits") }
        return try found.isTrue(0)
    }
}

extension Transaction {
    /// Nobody asks after an hour.
    func purgeCommits(limit: Int) throws {
        try run(
            """
            DELETE FROM commits WHERE name IN (
                SELECT name FROM commits
                WHERE made_at < extract(epoch FROM now())::bigint * 1000 - 3600000
                ORDER BY made_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            """, [limit])
    }
}
