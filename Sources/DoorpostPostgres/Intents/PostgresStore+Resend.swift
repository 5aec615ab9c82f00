package import DoorpostCore

extension PostgresStore {
    package func resendChallenge(
        _ resend: ChallengeResend
    ) throws(StoreError) -> ChallengeResendResult {
        try write { db in
            if let hit = db.reached { return try db.refuse(resend, hit) }
            guard let glance = try db.glanceAtChallenge(resend.challenge),
                glance.purpose == resend.purpose
            else { return .unknown }
            let mails = LimitRule.mails(
                under: glance.mailKey, subject: glance.subject, rates: resend.mailRates)
            let rules = try db.settled([mails] + resend.rules, of: resend.sourceKey)
            try db.lock(rules)
            guard let challenge = try db.holdChallenge(resend.challenge) else { return .unknown }
            if challenge.consumedAt != nil { return .consumed }
            if challenge.isExpired(at: resend.now) { return .expired }
            if challenge.attemptsLeft == 0 { return .triesUsedUp }
            let gapEnd = challenge.mailedAt + resend.resendAfter
            let gap = gapEnd > resend.now ? LimitHit(.resendAfter, freeAt: gapEnd) : nil
            if let hit = LimitHit.later(gap, try db.hit(rules, now: resend.now)) {
                return try db.refuse(resend, hit)
            }
            return try db.queueAgain(challenge, resend, counting: rules)
        }
    }
}

extension Transaction {
    fileprivate func refuse(
        _ resend: ChallengeResend, _ hit: LimitHit
    ) throws -> ChallengeResendResult {
        try append(resend.audit, refusedBy: hit)
        return .limited(hit)
    }

    fileprivate func queueAgain(
        _ challenge: StoredChallenge, _ resend: ChallengeResend, counting rules: [LimitRule]
    ) throws -> ChallengeResendResult {
        try run(
            "UPDATE challenges SET mailed_at = $1 WHERE number = $2",
            [resend.now, challenge.number])
        let mail = try mail(of: challenge.number)
        // Whoever has it in hand now delivers it; a second courier would send it twice.
        let isClaimed =
            try run(
                """
                UPDATE outbox SET state = 'queued', claimed_until = $1, retry_at = NULL
                WHERE challenge = $2 AND (state <> 'queued' OR coalesce(claimed_until, 0) <= $3)
                    AND NOT EXISTS (
                        SELECT 1 FROM users WHERE id = $4 AND bounced_at IS NOT NULL)
                """, [resend.claimUntil, challenge.number, resend.now, challenge.user?.text]) > 0
        try count(rules, at: resend.now)
        try append(resend.audit)
        var live = challenge.live
        live.mailedAt = resend.now
        let claimed = try self.mail(of: challenge.number)
        try countShared(rules, isMailed: mail != nil, at: resend.now)
        return .queued(live, isClaimed ? claimed : nil)
    }
}
