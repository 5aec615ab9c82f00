package import DoorpostCore
import Foundation
import GRDB

extension SQLiteStore {
    package func countAttempt(
        _ attempt: ChallengeAttempt
    ) throws(StoreError) -> ChallengeAttemptResult {
        try write { db in
            guard let challenge = try db.challenge(attempt.challenge),
                challenge.purpose == attempt.purpose
            else { return .unknown }
            if challenge.consumedAt != nil { return .consumed }
            if challenge.isExpired(at: attempt.now) { return .expired }
            if challenge.attemptsLeft == 0 { return .triesUsedUp }
            let account = LimitRule(
                .failuresPerAccount, key: .failures(of: challenge.subject),
                rates: attempt.accountRates)
            let rules = [account] + attempt.rules
            if let hit = try db.hit(rules, now: attempt.now) { return .limited(hit) }
            let left = try db.row(
                """
                UPDATE challenges SET attempts_left = attempts_left - 1
                WHERE number = ? AND attempts_left > 0 AND consumed_at IS NULL
                RETURNING attempts_left
                """, [challenge.number])
            guard let left else { return .triesUsedUp }
            try db.count(rules, at: attempt.now, attempt: attempt.attempt)
            return .counted(
                CountedAttempt(
                    challenge: challenge.id, attempt: attempt.attempt, user: challenge.user,
                    codeHash: challenge.codeHash, attemptsLeft: left[0]))
        }
    }

    package func consumeChallenge(
        _ consumption: ChallengeConsumption
    ) throws(StoreError) -> ChallengeConsumptionResult {
        try write { db in
            // The guard is in the statement, so that no reordering of this function can let a
            // code be used twice.
            let consumed = try db.row(
                """
                UPDATE challenges SET consumed_at = ?2, code_hash = x''
                WHERE id = ?1 AND consumed_at IS NULL AND expires_at > ?2 AND created_at <= ?3
                    AND EXISTS (
                        SELECT 1 FROM users WHERE users.id = challenges.user_id AND enabled)
                RETURNING number
                """,
                [
                    consumption.challenge.text, consumption.now.milliseconds,
                    (consumption.now + .clockTolerance).milliseconds,
                ])
            guard let consumed else { return try db.whyNotConsumed(consumption) }
            try db.eraseMail(of: consumed[0])
            try db.run(
                "DELETE FROM limit_events WHERE attempt = ?", [consumption.attempt])
            try db.insert(consumption.session)
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
            let mails = LimitRule(
                .mailsPerAddress, key: challenge.mailKey, rates: resend.mailRates)
            let rules = [mails] + resend.rules
            let gapEnd = challenge.mailedAt + resend.resendAfter
            let gap = gapEnd > resend.now ? LimitHit(.resendAfter, freeAt: gapEnd) : nil
            if let hit = LimitHit.later(gap, try db.hit(rules, now: resend.now)) {
                try db.append(resend.audit, refusedBy: hit)
                return .limited(hit)
            }
            return try db.queueAgain(challenge, resend, counting: rules)
        }
    }
}

extension Database {
    /// Consumed first, since that says most; a user who is gone before expiry, since ending a
    /// user also ends the user's challenges.
    fileprivate func whyNotConsumed(
        _ consumption: ChallengeConsumption
    ) throws -> ChallengeConsumptionResult {
        guard let challenge = try challenge(consumption.challenge) else { return .userGone }
        if challenge.consumedAt != nil { return .alreadyConsumed }
        let user = try row(
            "SELECT 1 FROM users WHERE id = ? AND enabled", [challenge.user?.text])
        return user == nil ? .userGone : .expired
    }

    /// A mail that has not gone is not wanted any more; one that has keeps its row, for the
    /// administrator, without its text.
    fileprivate func eraseMail(of number: Int64) throws {
        try run("DELETE FROM outbox WHERE challenge = ? AND state = 'queued'", [number])
        try run("UPDATE outbox SET sealed = x'' WHERE challenge = ?", [number])
    }

    fileprivate func queueAgain(
        _ challenge: StoredChallenge, _ resend: ChallengeResend, counting rules: [LimitRule]
    ) throws -> ChallengeResendResult {
        try run(
            "UPDATE challenges SET mailed_at = ? WHERE number = ?",
            [resend.now.milliseconds, challenge.number])
        try run("UPDATE outbox SET state = 'queued' WHERE challenge = ?", [challenge.number])
        let mail = try mail(of: challenge.number)
        try count(rules.filter { $0.name != .mailsTotal || mail != nil }, at: resend.now)
        try append(resend.audit)
        var live = challenge.live
        live.mailedAt = resend.now
        return .queued(live, mail)
    }
}
