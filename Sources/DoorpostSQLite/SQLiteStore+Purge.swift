package import DoorpostCore
import GRDB

extension SQLiteStore {
    @discardableResult
    package func purge(now: Timestamp, limit: Int) throws(StoreError) -> Int {
        let events = (now - .longestWindow).milliseconds
        let history = (now - .days(90)).milliseconds
        let limit = max(limit, 0)
        return try write { db in
            let kept = try db.keepUnsentMails(now: now, limit: limit)
            // Mails before their challenges, so that they are in the count.
            return try kept
                + db.run(
                    "DELETE FROM outbox WHERE challenge IN (\(Self.deadChallenges))",
                    [now.milliseconds, limit])
                + db.run(
                    "DELETE FROM challenges WHERE number IN (\(Self.deadChallenges))",
                    [now.milliseconds, limit])
                + db.run(
                    """
                    DELETE FROM limit_events WHERE (key, at, number) IN (
                        SELECT key, at, number FROM limit_events WHERE at < ?
                        ORDER BY at LIMIT ?)
                    """, [events, limit])
                + db.run(
                    """
                    DELETE FROM used_signatures WHERE signature IN (
                        SELECT signature FROM used_signatures WHERE expires_at <= ?
                        ORDER BY expires_at LIMIT ?)
                    """, [now.milliseconds, limit])
                + db.run(
                    """
                    DELETE FROM sessions WHERE number IN (
                        SELECT number FROM sessions WHERE coalesce(revoked_at, expires_at) < ?
                        ORDER BY coalesce(revoked_at, expires_at) LIMIT ?)
                    """, [history, limit])
                + db.run(
                    """
                    DELETE FROM audit WHERE sequence IN (
                        SELECT sequence FROM audit WHERE at < ? ORDER BY at LIMIT ?)
                    """, [history, limit])
        }
    }

    /// Of no use any more. With an unsent mail, they are marked first and kept then.
    private static let deadChallenges = """
        SELECT number FROM challenges WHERE coalesce(kept_until, expires_at) <= ?
            AND (kept_until IS NOT NULL OR NOT EXISTS (
                SELECT 1 FROM outbox WHERE challenge = number AND state <> 'sent'))
        ORDER BY coalesce(kept_until, expires_at) LIMIT ?
        """
}

extension Database {
    /// A mail that nobody took while its code lived has failed. Its text goes, since the code
    /// opens nothing any more; its row stays for the administrator, as do those of the mails that
    /// failed before.
    ///
    /// - Returns: how many are kept from now on.
    fileprivate func keepUnsentMails(now: Timestamp, limit: Int) throws -> Int {
        let kept = try rows(
            """
            UPDATE outbox SET state = 'failed', sealed = x'', retry_at = NULL, kept = 1,
                last_answer = CASE
                    WHEN state = 'failed' THEN last_answer
                    WHEN last_answer = '' THEN 'its code expired before it could be sent'
                    ELSE last_answer || '; its code expired before it could be sent' END
            WHERE challenge IN (
                SELECT challenge FROM outbox
                WHERE state <> 'sent' AND kept IS NULL AND expires_at <= ?
                ORDER BY expires_at LIMIT ?)
            RETURNING challenge
            """, [now.milliseconds, limit])
        for row in kept {
            try run(
                """
                UPDATE challenges SET kept_until = ?, code_hash = x'', sealed_rounds = NULL
                WHERE number = ?
                """,
                [(now + .failedMailKept).milliseconds, row[0] as Int64])
        }
        return kept.count
    }
}

extension Span {
    /// How long a mail that failed stands in `mail queue` after its code is dead.
    static let failedMailKept = Span.days(7)
}
