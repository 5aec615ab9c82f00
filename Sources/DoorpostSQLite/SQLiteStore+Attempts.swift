package import DoorpostCore
import Foundation
import GRDB

extension SQLiteStore {
    package func countAttempt(
        _ attempt: ChallengeAttempt
    ) throws(StoreError) -> ChallengeAttemptResult {
        try write { db in
            guard let challenge = try db.challenge(attempt.challenge),
                challenge.purpose == attempt.purpose,
                attempt.attemptsLeft == nil || attempt.attemptsLeft == challenge.attemptsLeft
            else { return .unknown }
            if challenge.consumedAt != nil { return .consumed }
            if challenge.isExpired(at: attempt.now) { return .expired }
            if challenge.attemptsLeft == 0 { return .triesUsedUp }
            let account = LimitRule.failures(
                of: challenge.user, subject: challenge.subject, rates: attempt.accountRates)
            let rules = [account] + attempt.rules
            if let hit = try db.hit(rules, now: attempt.now) { return .limited(hit) }
            let changed = try db.run(
                """
                UPDATE challenges SET attempts_left = attempts_left - 1
                WHERE number = ? AND attempts_left > 0 AND consumed_at IS NULL
                """, [challenge.number])
            guard changed == 1 else { return .triesUsedUp }
            try db.count(rules, at: attempt.now, attempt: attempt.attempt)
            return .counted(
                CountedAttempt(
                    challenge: challenge.id, attempt: attempt.attempt, user: challenge.user,
                    signup: challenge.signup, codeHash: challenge.codeHash,
                    attemptsLeft: challenge.attemptsLeft - 1,
                    sealedRounds: challenge.sealedRounds))
        }
    }

    package func consumeChallenge(
        _ consumption: ChallengeConsumption
    ) throws(StoreError) -> ChallengeConsumptionResult {
        try write { db in
            let isAdded = try db.signUp(consumption)
            // The guard is in the statement, so that no reordering of this function can let a
            // code be used twice.
            let consumed = try db.run(
                """
                UPDATE challenges SET consumed_at = ?2, code_hash = x'', sealed_rounds = NULL
                WHERE id = ?1 AND consumed_at IS NULL AND expires_at > ?2 AND created_at <= ?3
                    AND EXISTS (
                        SELECT 1 FROM users WHERE users.id = coalesce(challenges.user_id, ?4)
                            AND enabled AND (challenges.user_id IS NOT NULL
                                OR users.email = challenges.signup_email))
                """,
                [
                    consumption.challenge.text, consumption.now.milliseconds,
                    (consumption.now + .clockTolerance).milliseconds,
                    consumption.session.user.text,
                ])
            guard consumed == 1 else { return try db.whyNotConsumed(consumption) }
            try db.eraseMail(of: consumption.challenge)
            try db.run(
                "DELETE FROM limit_events WHERE attempt = ?", [consumption.attempt])
            try db.run(
                """
                UPDATE users SET bounced_at = NULL, bounce_reason = NULL
                WHERE id = ? AND bounced_at IS NOT NULL
                """, [consumption.session.user.text])
            try db.insert(consumption.session)
            if isAdded { try db.append(consumption.userAdded) }
            try db.append(consumption.audit)
            return .consumed
        }
    }

    package func resendChallenge(
        _ resend: ChallengeResend
    ) throws(StoreError) -> ChallengeResendResult {
        try write { db in
            guard let challenge = try db.challenge(resend.challenge),
                challenge.purpose == resend.purpose
            else { return .unknown }
            if challenge.consumedAt != nil { return .consumed }
            if challenge.isExpired(at: resend.now) { return .expired }
            if challenge.attemptsLeft == 0 { return .triesUsedUp }
            let mails = LimitRule.mails(
                under: challenge.mailKey, subject: challenge.subject, rates: resend.mailRates)
            let rules = [mails] + resend.rules
            let gapEnd = challenge.mailedAt + resend.resendAfter
            let gap = gapEnd > resend.now ? LimitHit(.resendAfter, freeAt: gapEnd) : nil
            if let hit = LimitHit.later(
                gap, try db.hit(rules, of: resend.sourceKey, now: resend.now))
            {
                try db.append(resend.audit, refusedBy: hit)
                return .limited(hit)
            }
            return try db.queueAgain(challenge, resend, counting: rules)
        }
    }

    package func newestChallenge(subject: String, purpose: String, now: Timestamp)
        throws(StoreError) -> ChallengeID?
    {
        try read { db in
            try db.row(
                """
                SELECT id FROM challenges WHERE subject = ?1 AND expires_at > ?3 AND purpose = ?2
                    AND consumed_at IS NULL AND attempts_left > 0 AND created_at <= ?4
                ORDER BY number DESC LIMIT 1
                """,
                [
                    subject, purpose, now.milliseconds, (now + .clockTolerance).milliseconds,
                ]
            ).map { ChallengeID($0[0]) }
        }
    }
}

extension Database {
    /// Adds the user that a sign-up brings, if its challenge can be consumed and nobody has the
    /// address.
    ///
    /// - Returns: whether there was one to add.
    fileprivate func signUp(_ consumption: ChallengeConsumption) throws -> Bool {
        guard let user = consumption.newUser, user.id == consumption.session.user else {
            return false
        }
        return try run(
            """
            INSERT INTO users (id, email, group_names, enabled, created_at)
            SELECT ?1, ?2, '[]', 1, ?3 WHERE EXISTS (
                SELECT 1 FROM challenges WHERE id = ?4 AND user_id IS NULL AND signup_email = ?2
                    AND consumed_at IS NULL AND expires_at > ?3 AND created_at <= ?5)
            ON CONFLICT DO NOTHING
            """,
            [
                user.id.text, user.email.canonical, consumption.now.milliseconds,
                consumption.challenge.text, (consumption.now + .clockTolerance).milliseconds,
            ]) > 0
    }

    /// Consumed first, since that says most; a user who is gone before expiry, since ending a
    /// user also ends the user's challenges.
    fileprivate func whyNotConsumed(
        _ consumption: ChallengeConsumption
    ) throws -> ChallengeConsumptionResult {
        guard let challenge = try challenge(consumption.challenge) else { return .userGone }
        if challenge.consumedAt != nil { return .alreadyConsumed }
        if challenge.signup != nil {
            return challenge.isExpired(at: consumption.now) ? .expired : .userGone
        }
        let user = try row(
            "SELECT 1 FROM users WHERE id = ? AND enabled", [challenge.user?.text])
        return user == nil ? .userGone : .expired
    }

    fileprivate func eraseMail(of challenge: ChallengeID) throws {
        let found = try row("SELECT number FROM challenges WHERE id = ?", [challenge.text])
        if let number = found?[0] as Int64? { try eraseMail(of: number) }
    }

    fileprivate func queueAgain(
        _ challenge: StoredChallenge, _ resend: ChallengeResend, counting rules: [LimitRule]
    ) throws -> ChallengeResendResult {
        try run(
            "UPDATE challenges SET mailed_at = ? WHERE number = ?",
            [resend.now.milliseconds, challenge.number])
        let mail = try mail(of: challenge.number)
        // Whoever has it in hand now delivers it; a second courier would send it twice.
        let isClaimed =
            try run(
                """
                UPDATE outbox SET state = 'queued', claimed_until = ?1, retry_at = NULL
                WHERE challenge = ?2 AND (state <> 'queued' OR coalesce(claimed_until, 0) <= ?3)
                    AND NOT EXISTS (
                        SELECT 1 FROM users WHERE id = ?4 AND bounced_at IS NOT NULL)
                """,
                [
                    resend.claimUntil.milliseconds, challenge.number, resend.now.milliseconds,
                    challenge.user?.text,
                ]) > 0
        try count(rules.filter { $0.name != .mailsTotal || mail != nil }, at: resend.now)
        try append(resend.audit)
        var live = challenge.live
        live.mailedAt = resend.now
        return .queued(live, isClaimed ? try self.mail(of: challenge.number) : nil)
    }
}
