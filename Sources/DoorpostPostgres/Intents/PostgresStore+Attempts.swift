package import DoorpostCore

extension PostgresStore {
    package func countAttempt(
        _ attempt: ChallengeAttempt
    ) throws(StoreError) -> ChallengeAttemptResult {
        try write { db in
            if let hit = db.reached { return .limited(hit) }
            guard let glance = try db.glanceAtChallenge(attempt.challenge),
                glance.purpose == attempt.purpose
            else { return .unknown }
            let account = LimitRule.failures(
                of: glance.user, subject: glance.subject, rates: attempt.accountRates)
            let rules = [account] + attempt.rules
            try db.lock(rules)
            guard let challenge = try db.holdChallenge(attempt.challenge),
                attempt.attemptsLeft == nil || attempt.attemptsLeft == challenge.attemptsLeft
            else { return .unknown }
            if challenge.consumedAt != nil { return .consumed }
            if challenge.isExpired(at: attempt.now) { return .expired }
            if challenge.attemptsLeft == 0 { return .triesUsedUp }
            if let hit = try db.hit(rules, now: attempt.now) { return .limited(hit) }
            let changed = try db.run(
                """
                UPDATE challenges SET attempts_left = attempts_left - 1
                WHERE number = $1 AND attempts_left > 0 AND consumed_at IS NULL
                """, [challenge.number])
            guard changed == 1 else { return .triesUsedUp }
            try db.count(rules, at: attempt.now, attempt: attempt.attempt)
            try db.countShared(rules, at: attempt.now, attempt: attempt.attempt)
            return .counted(
                CountedAttempt(
                    challenge: challenge.id, attempt: attempt.attempt, user: challenge.user,
                    signup: challenge.signup, codeHash: challenge.codeHash,
                    attemptsLeft: challenge.attemptsLeft - 1,
                    sealedRounds: challenge.sealedRounds))
        }
    }

    package func newestChallenge(subject: String, purpose: String, now: Timestamp)
        throws(StoreError) -> ChallengeID?
    {
        try read { db in
            try db.row(
                """
                SELECT id FROM challenges WHERE subject = $1 AND expires_at > $3 AND purpose = $2
                    AND consumed_at IS NULL AND attempts_left > 0 AND created_at <= $4
                ORDER BY number DESC LIMIT 1
                """, [subject, purpose, now, now + .clockTolerance]
            ).map { ChallengeID(try $0.text(0)) }
        }
    }
}
