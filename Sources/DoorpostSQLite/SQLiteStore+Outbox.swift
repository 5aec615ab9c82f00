package import DoorpostCore
import Foundation
import GRDB

extension SQLiteStore {
    package func claimMail(
        of challenge: ChallengeID, now: Timestamp, until: Timestamp
    ) throws(StoreError) -> OutboxItem? {
        try write { db in
            let claimed = try db.row(
                """
                UPDATE outbox SET state = 'queued', claimed_until = ?1
                WHERE state <> 'sent' AND coalesce(claimed_until, 0) <= ?2
                    AND challenge = (
                        SELECT number FROM challenges WHERE id = ?3 AND consumed_at IS NULL
                            AND attempts_left > 0 AND expires_at > ?2 AND created_at <= ?4
                            AND NOT EXISTS (
                                SELECT 1 FROM users
                                WHERE id = user_id AND bounced_at IS NOT NULL))
                RETURNING challenge
                """,
                [
                    until.milliseconds, now.milliseconds, challenge.text,
                    (now + .clockTolerance).milliseconds,
                ])
            guard let number: Int64 = claimed?[0] else { return nil }
            return try db.mail(of: number)
        }
    }

    package func extendClaim(
        _ id: MailID, from claim: Timestamp, until: Timestamp
    ) throws(StoreError) -> Bool {
        try write { db in
            try db.run(
                """
                UPDATE outbox SET claimed_until = ?
                WHERE id = ? AND state = 'queued' AND claimed_until = ?
                """, [until.milliseconds, id.text, claim.milliseconds]) > 0
        }
    }

    package func mailSent(_ id: MailID, answer: String, at: Timestamp) throws(StoreError) {
        try write { db in
            try db.run(
                """
                UPDATE outbox SET state = 'sent', tries = tries + 1, last_try_at = ?,
                    last_answer = ? WHERE id = ?
                """, [at.milliseconds, answer, id.text])
        }
    }

    package func mailFailed(
        _ id: MailID, answer: String, retryAt: Timestamp?, audit: AuditEvent
    ) throws(StoreError) {
        try write { db in
            // Only a queued one: what another courier has delivered meanwhile stays sent.
            try db.run(
                """
                UPDATE outbox SET state = ?, claimed_until = NULL, tries = tries + 1,
                    last_try_at = ?, last_answer = ?, retry_at = ?
                WHERE id = ? AND state = 'queued'
                """,
                [
                    (retryAt == nil ? OutboxItem.State.failed : .queued).rawValue,
                    audit.at.milliseconds, answer, retryAt?.milliseconds, id.text,
                ])
            try db.append(audit)
        }
    }

    package func claimDueMails(
        now: Timestamp, until: Timestamp, limit: Int
    ) throws(StoreError) -> [OutboxItem] {
        // Nothing is due almost always, and to find that out nobody needs the lock.
        let due = try read { try $0.dueMails(now: now, limit: limit) }
        if due.isEmpty { return [] }
        return try write { db in
            try db.dueMails(now: now, limit: limit).compactMap { number in
                try db.run(
                    "UPDATE outbox SET claimed_until = ? WHERE challenge = ?",
                    [until.milliseconds, number])
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
                queued: mails?[0] ?? 0, failed: mails?[1] ?? 0,
                oldestQueuedAt: mails?.optionalTime(2), bouncedAddresses: bounced?[0] ?? 0)
        }
    }

    package func outbox(includingSent: Bool, limit: Int) throws(StoreError) -> [OutboxItem] {
        try read { db in
            try db.rows(
                """
                \(OutboxItem.select) \(includingSent ? "" : "WHERE state <> 'sent'")
                ORDER BY outbox.created_at DESC, outbox.challenge DESC LIMIT ?
                """, [max(limit, 0)]
            ).map(OutboxItem.init)
        }
    }
}

extension Database {
    /// The challenges whose mail a courier should take now, longest waiting first.
    fileprivate func dueMails(now: Timestamp, limit: Int) throws -> [Int64] {
        try rows(
            """
            SELECT outbox.challenge FROM outbox
            JOIN challenges ON challenges.number = outbox.challenge
            WHERE state = 'queued' AND coalesce(claimed_until, 0) <= ?1
                AND coalesce(retry_at, 0) <= ?1 AND consumed_at IS NULL AND attempts_left > 0
                AND challenges.expires_at > ?1 AND challenges.created_at <= ?3
                AND NOT EXISTS (
                    SELECT 1 FROM users
                    WHERE users.id = challenges.user_id AND bounced_at IS NOT NULL)
            ORDER BY outbox.created_at, outbox.challenge LIMIT ?2
            """,
            [now.milliseconds, max(limit, 0), (now + .clockTolerance).milliseconds]
        ).map { $0[0] }
    }

    /// The mail of a challenge, if it has one.
    func mail(of number: Int64) throws -> OutboxItem? {
        try row("\(OutboxItem.select) WHERE outbox.challenge = ?", [number])
            .map(OutboxItem.init)
    }

    /// A mail that has not gone is not wanted any more; one that has keeps its row, for the
    /// administrator, without its text.
    func eraseMail(of number: Int64) throws {
        try run("DELETE FROM outbox WHERE challenge = ? AND state = 'queued'", [number])
        try run("UPDATE outbox SET sealed = x'' WHERE challenge = ?", [number])
    }

    /// Queues the mail of a new challenge.
    func insert(_ mail: OutboxItem, challenge number: Int64) throws {
        try run(
            """
            INSERT INTO outbox (challenge, id, user_id, sealed, state, created_at, expires_at,
                claimed_until, tries, last_try_at, last_answer)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                number, mail.id.text, mail.user.text, Data(mail.sealed), mail.state.rawValue,
                mail.createdAt.milliseconds, mail.expiresAt.milliseconds,
                mail.claimedUntil?.milliseconds, mail.tries, mail.lastTryAt?.milliseconds,
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
        guard let state = State(rawValue: row[4]) else { throw StoreError.unreadable("outbox") }
        self.init(
            id: MailID(row[0]), challenge: ChallengeID(row[1]), user: UserID(row[2]),
            sealed: row.bytes(3), state: state, createdAt: row.time(5), expiresAt: row.time(6),
            claimedUntil: row.optionalTime(7), tries: row[8], lastTryAt: row.optionalTime(9),
            lastAnswer: row[10], retryAt: row.optionalTime(11))
    }
}
