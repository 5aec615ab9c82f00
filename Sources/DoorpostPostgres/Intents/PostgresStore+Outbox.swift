package import DoorpostCore

extension PostgresStore {
    package func claimMail(
        of challenge: ChallengeID, now: Timestamp, until: Timestamp
    ) throws(StoreError) -> OutboxItem? {
        try write { db in
            // The challenge is held first: whoever consumes it erases the text of its mail.
            let live = try db.row(
                """
                SELECT number FROM challenges WHERE id = $1 AND consumed_at IS NULL
                    AND attempts_left > 0 AND expires_at > $2 AND created_at <= $3
                    AND NOT EXISTS (
                        SELECT 1 FROM users WHERE users.id = user_id AND bounced_at IS NOT NULL)
                FOR UPDATE
                """, [challenge.text, now, now + .clockTolerance])
            guard let number = try live?.number(0) else { return nil }
            let claimed = try db.run(
                """
                UPDATE outbox SET state = 'queued', claimed_until = $1
                WHERE challenge = $2 AND state <> 'sent' AND coalesce(claimed_until, 0) <= $3
                """, [until, number, now])
            return claimed > 0 ? try db.mail(of: number) : nil
        }
    }

    package func extendClaim(
        _ id: MailID, from claim: Timestamp, until: Timestamp
    ) throws(StoreError) -> Bool {
        try write { db in
            try db.run(
                """
                UPDATE outbox SET claimed_until = $1
                WHERE id = $2 AND state = 'queued' AND claimed_until = $3
                """, [until, id.text, claim]) > 0
        }
    }

    package func mailSent(_ id: MailID, answer: String, at: Timestamp) throws(StoreError) {
        try write { db in
            try db.run(
                """
                UPDATE outbox SET state = 'sent', tries = tries + 1, last_try_at = $1,
                    last_answer = $2 WHERE id = $3
                """, [at, answer, id.text])
        }
    }

    package func mailFailed(
        _ id: MailID, answer: String, retryAt: Timestamp?, audit: AuditEvent
    ) throws(StoreError) {
        try write { db in
            // Only a queued one: what another courier has delivered meanwhile stays sent.
            try db.run(
                """
                UPDATE outbox SET state = $1, claimed_until = NULL, tries = tries + 1,
                    last_try_at = $2, last_answer = $3, retry_at = $4
                WHERE id = $5 AND state = 'queued'
                """,
                [
                    (retryAt == nil ? OutboxItem.State.failed : .queued).rawValue,
                    audit.at, answer, retryAt, id.text,
                ])
            try db.append(audit)
        }
    }

    package func claimDueMails(
        now: Timestamp, until: Timestamp, limit: Int
    ) throws(StoreError) -> [OutboxItem] {
        // Nothing is due almost always, and to find that out nothing need be locked.
        let due = try read { try $0.dueMails("", now: now, limit: 1) }
        if due.isEmpty { return [] }
        return try write { db in
            // Couriers pass by what others are just taking, and wait for nobody.
            let mine = try db.dueMails("FOR UPDATE OF outbox SKIP LOCKED", now: now, limit: limit)
            return try mine.compactMap { number in
                try db.run(
                    "UPDATE outbox SET claimed_until = $1 WHERE challenge = $2", [until, number])
                return try db.mail(of: number)
            }
        }
    }

    package func mailStatistics() throws(StoreError) -> MailStatistics {
        try read { db in
            let mails = try db.row(
                """
                SELECT count(*) FILTER (WHERE state = 'queued'),
                    count(*) FILTER (WHERE state = 'failed'),
                    min(created_at) FILTER (WHERE state = 'queued')
                FROM outbox WHERE state <> 'sent'
                """)
            let bounced = try db.row("SELECT count(*) FROM users WHERE bounced_at IS NOT NULL")
            return MailStatistics(
                queued: try mails?.count(0) ?? 0, failed: try mails?.count(1) ?? 0,
                oldestQueuedAt: try mails?.optionalTime(2),
                bouncedAddresses: try bounced?.count(0) ?? 0)
        }
    }

    package func outbox(includingSent: Bool, limit: Int) throws(StoreError) -> [OutboxItem] {
        try read { db in
            try db.rows(
                """
                \(OutboxItem.select) \(includingSent ? "" : "WHERE state <> 'sent'")
                ORDER BY outbox.created_at DESC, outbox.challenge DESC LIMIT $1
                """, [max(limit, 0)]
            ).map(OutboxItem.init)
        }
    }
}

extension Transaction {
    /// The challenges whose mail a courier should take now, longest waiting first.
    fileprivate func dueMails(_ locking: String, now: Timestamp, limit: Int) throws -> [Int64] {
        try rows(
            """
            SELECT outbox.challenge FROM outbox
            JOIN challenges ON challenges.number = outbox.challenge
            WHERE state = 'queued' AND coalesce(claimed_until, 0) <= $1
                AND coalesce(retry_at, 0) <= $1 AND consumed_at IS NULL AND attempts_left > 0
                AND challenges.expires_at > $1 AND challenges.created_at <= $3
                AND NOT EXISTS (
                    SELECT 1 FROM users
                    WHERE users.id = challenges.user_id AND bounced_at IS NOT NULL)
            ORDER BY outbox.created_at, outbox.challenge LIMIT $2 \(locking)
            """, [now, max(limit, 0), now + .clockTolerance]
        ).map { try $0.number(0) }
    }

    /// The mail of a challenge, if it has one.
    func mail(of number: Int64) throws -> OutboxItem? {
        try row("\(OutboxItem.select) WHERE outbox.challenge = $1", [number]).map(OutboxItem.init)
    }

    /// A mail that has not gone is not wanted any more; one that has keeps its row, for the
    /// administrator, without its text.
    func eraseMail(of number: Int64) throws {
        try run("DELETE FROM outbox WHERE challenge = $1 AND state = 'queued'", [number])
        try run("UPDATE outbox SET sealed = ''::bytea WHERE challenge = $1", [number])
    }

    /// Queues the mail of a new challenge.
    func insert(_ mail: OutboxItem, challenge number: Int64) throws {
        try run(
            """
            INSERT INTO outbox (challenge, id, user_id, sealed, state, created_at, expires_at,
                claimed_until, tries, last_try_at, last_answer)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                number, mail.id.text, mail.user.text, Bytes(mail.sealed), mail.state.rawValue,
                mail.createdAt, mail.expiresAt, mail.claimedUntil, mail.tries, mail.lastTryAt,
                mail.lastAnswer,
            ])
    }
}

extension OutboxItem {
    fileprivate static let select = """
        SELECT outbox.id, challenges.id, outbox.user_id, sealed, state, outbox.created_at,
            outbox.expires_at, claimed_until, tries, last_try_at, last_answer, retry_at
        FROM outbox JOIN challenges ON challenges.number = outbox.challenge
        """

    fileprivate init(_ row: Row) throws {
        guard let state = State(rawValue: try row.text(4)) else {
            throw StoreError.unreadable("outbox")
        }
        self.init(
            id: MailID(try row.text(0)), challenge: ChallengeID(try row.text(1)),
            user: UserID(try row.text(2)), sealed: try row.bytes(3), state: state,
            createdAt: try row.time(5), expiresAt: try row.time(6),
            claimedUntil: try row.optionalTime(7), tries: try row.count(8),
            lastTryAt: try row.optionalTime(9), lastAnswer: try row.text(10),
            retryAt: try row.optionalTime(11))
    }
}
