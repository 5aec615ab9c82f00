package import DoorpostCore
import GRDB

extension SQLiteStore {
    @discardableResult
    package func purge(now: Timestamp, limit: Int) throws(StoreError) -> Int {
        let events = (now - .longestWindow).milliseconds
        let history = (now - .days(90)).milliseconds
        let limit = max(limit, 0)
        return try write { db in
            try db.failExpiredMails(now: now, limit: limit)
            // Mails before their challenges, so that they are in the count.
            return try db.run(
                """
                DELETE FROM outbox WHERE challenge IN (
                    SELECT number FROM challenges WHERE coalesce(kept_until, expires_at) <= ?
                    ORDER BY coalesce(kept_until, expires_at) LIMIT ?)
                """, [now.milliseconds, limit])
                + db.run(
                    """
                    DELETE FROM challenges WHERE number IN (
                        SELECT number FROM challenges WHERE coalesce(kept_until, expires_at) <= ?
                        ORDER BY coalesce(kept_until, expires_at) LIMIT ?)
                    """, [now.milliseconds, limit])
                + db.run(
                    """
                    DELETE FROM limit_events WHERE (key, at, number) IN (
                        SELECT key, at, number FROM limit_events WHERE at < ?
                        ORDER BY at LIMIT ?)
                    """, [events, limit])
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
}

extension Database {
    /// A mail that nobody took while its code lived has failed. Its text goes, since the code
    /// opens nothing any more; its row stays for the administrator.
    fileprivate func failExpiredMails(now: Timestamp, limit: Int) throws {
        let failed = try rows(
            """
            UPDATE outbox SET state = 'failed', sealed = x'', retry_at = NULL,
                last_answer = CASE last_answer WHEN '' THEN '' ELSE last_answer || '; ' END
                    || 'its code expired before it could be sent'
            WHERE challenge IN (
                SELECT challenge FROM outbox
                WHERE state <> 'sent' AND state = 'queued' AND expires_at <= ?
                ORDER BY created_at LIMIT ?)
            RETURNING challenge
            """, [now.milliseconds, limit])
        for row in failed {
            try run(
                "UPDATE challenges SET kept_until = ? WHERE number = ?",
                [(now + .failedMailKept).milliseconds, row[0] as Int64])
        }
    }
}

extension Span {
    /// How long a mail that failed stands in `mail queue`.
    static let failedMailKept = Span.days(7)
}
