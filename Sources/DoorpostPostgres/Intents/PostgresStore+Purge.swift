package import DoorpostCore

extension PostgresStore {
    @discardableResult
    package func purge(now: Timestamp, limit: Int) throws(StoreError) -> Int {
        let events = now - .longestWindow
        let history = now - .days(90)
        let limit = max(limit, 0)
        // One batch is one transaction. It passes by what others hold: the next batch finds it.
        return try write { db in
            let kept = try db.keepUnsentMails(now: now, limit: limit)
            let dead = try db.deadChallenges(now: now, limit: limit)
            // Of our own, and not in the count: nobody asked for them.
            try db.purgeLocks(limit: limit)
            try db.purgeCommits(limit: limit)
            // Mails before their challenges, so that they are in the count.
            return try kept
                + db.run("DELETE FROM outbox WHERE challenge = ANY ($1::bigint[])", [dead])
                + db.run("DELETE FROM challenges WHERE number = ANY ($1::bigint[])", [dead])
                + db.run(
                    """
                    DELETE FROM limit_events WHERE (key, at, number) IN (
                        SELECT key, at, number FROM limit_events WHERE at < $1
                        ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
                    """, [events, limit])
                + db.run(
                    """
                    DELETE FROM used_signatures WHERE signature IN (
                        SELECT signature FROM used_signatures WHERE expires_at <= $1
                        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
                    """, [now, limit])
                + db.run(
                    """
                    DELETE FROM sessions WHERE number IN (
                        SELECT number FROM sessions WHERE coalesce(revoked_at, expires_at) < $1
                        ORDER BY coalesce(revoked_at, expires_at) LIMIT $2
                        FOR UPDATE SKIP LOCKED)
                    """, [history, limit])
                + db.run(
                    """
                    DELETE FROM audit WHERE sequence IN (
                        SELECT sequence FROM audit WHERE at < $1 ORDER BY at LIMIT $2
                        FOR UPDATE SKIP LOCKED)
                    """, [history, limit])
        }
    }
}

extension Transaction {
    /// Challenges of no use any more, which are held. With an unsent mail, they are marked first
    /// and kept then.
    fileprivate func deadChallenges(now: Timestamp, limit: Int) throws -> List {
        List(
            try rows(
                """
                SELECT number FROM challenges WHERE coalesce(kept_until, expires_at) <= $1
                    AND (kept_until IS NOT NULL OR NOT EXISTS (
                        SELECT 1 FROM outbox WHERE challenge = number AND state <> 'sent'))
                ORDER BY coalesce(kept_until, expires_at) LIMIT $2 FOR UPDATE SKIP LOCKED
                """, [now, limit]
            ).map { try $0.number(0) })
    }

    /// A mail that nobody took while its code lived has failed. Its text goes, since the code
    /// opens nothing any more; its row stays for the administrator, as do those of the mails that
    /// failed before.
    ///
    /// - Returns: how many are kept from now on.
    fileprivate func keepUnsentMails(now: Timestamp, limit: Int) throws -> Int {
        // Challenges are held before their mails, as everywhere.
        let held = try rows(
            """
            SELECT number FROM challenges JOIN outbox ON challenge = number
            WHERE state <> 'sent' AND NOT kept AND outbox.expires_at <= $1
            ORDER BY outbox.expires_at LIMIT $2 FOR UPDATE OF challenges SKIP LOCKED
            """, [now, limit]
        ).map { try $0.number(0) }
        if held.isEmpty { return 0 }
        let kept = try rows(
            """
            UPDATE outbox SET state = 'failed', sealed = ''::bytea, retry_at = NULL, kept = true,
                last_answer = CASE
                    WHEN state = 'failed' THEN last_answer
                    WHEN last_answer = '' THEN 'its code expired before it could be sent'
                    ELSE last_answer || '; its code expired before it could be sent' END
            WHERE challenge = ANY ($1::bigint[]) AND state <> 'sent' AND NOT kept
            RETURNING challenge
            """, [List(held)]
        ).map { try $0.number(0) }
        return try run(
            """
            UPDATE challenges SET kept_until = $1, code_hash = ''::bytea, sealed_rounds = NULL
            WHERE number = ANY ($2::bigint[])
            """, [now + .failedMailKept, List(kept)])
    }
}

extension Span {
    /// How long a mail that failed stands in `mail queue` after its code is dead.
    fileprivate static let failedMailKept = Span.days(7)
}
