package import DoorpostCore

extension PostgresStore {
    package func consumeChallenge(
        _ consumption: ChallengeConsumption
    ) throws(StoreError) -> ChallengeConsumptionResult {
        try write { db in
            // The user is held, so that nobody is disabled between the look at them and the
            // session; then the challenge.
            _ = try db.holdUser(consumption.session.user)
            let challenge = try db.holdChallenge(consumption.challenge)
            let isAdded = try db.signUp(consumption)
            // The guard is in the statement, so that no reordering of this function can let a
            // code be used twice.
            let consumed = try db.run(
                """
                UPDATE challenges
                SET consumed_at = $2::bigint, code_hash = ''::bytea, sealed_rounds = NULL
                WHERE id = $1 AND consumed_at IS NULL AND expires_at > $2::bigint
                    AND created_at <= $3
                    AND EXISTS (
                        SELECT 1 FROM users WHERE users.id = coalesce(challenges.user_id, $4::text)
                            AND enabled AND (challenges.user_id IS NOT NULL
                                OR users.email = challenges.signup_email))
                """,
                [
                    consumption.challenge.text, consumption.now,
                    consumption.now + .clockTolerance, consumption.session.user.text,
                ])
            guard consumed == 1, let challenge else {
                return try db.whyNotConsumed(challenge, consumption)
            }
            try db.eraseMail(of: challenge.number)
            try db.takeBack(consumption.attempt)
            try db.run(
                """
                UPDATE users SET bounced_at = NULL, bounce_reason = NULL
                WHERE id = $1 AND bounced_at IS NOT NULL
                """, [consumption.session.user.text])
            try db.insert(consumption.session)
            if isAdded { try db.append(consumption.userAdded) }
            try db.append(consumption.audit)
            return .consumed
        }
    }
}

extension Transaction {
    /// Adds the user that a sign-up brings, if its challenge, which is held, can be consumed and
    /// nobody has the address. Of two at once, the second waits for the first here.
    ///
    /// - Returns: whether there was one to add.
    fileprivate func signUp(_ consumption: ChallengeConsumption) throws -> Bool {
        guard let user = consumption.newUser, user.id == consumption.session.user else {
            return false
        }
        return try run(
            """
            INSERT INTO users (id, email, group_names, enabled, created_at)
            SELECT $1::text, $2::text, '[]'::jsonb, true, $3::bigint WHERE EXISTS (
                SELECT 1 FROM challenges WHERE id = $4::text AND user_id IS NULL
                    AND signup_email = $2::text AND consumed_at IS NULL
                    AND expires_at > $3::bigint AND created_at <= $5::bigint)
            ON CONFLICT DO NOTHING
            """,
            [
                user.id.text, user.email.canonical, consumption.now,
                consumption.challenge.text, consumption.now + .clockTolerance,
            ]) > 0
    }

    /// Consumed first, since that says most; a user who is gone before expiry, since ending a
    /// user also ends the user's challenges.
    fileprivate func whyNotConsumed(
        _ challenge: StoredChallenge?, _ consumption: ChallengeConsumption
    ) throws -> ChallengeConsumptionResult {
        guard let challenge else { return .userGone }
        if challenge.consumedAt != nil { return .alreadyConsumed }
        if challenge.signup != nil {
            return challenge.isExpired(at: consumption.now) ? .expired : .userGone
        }
        let user = try row(
            "SELECT 1 FROM users WHERE id = $1 AND enabled", [challenge.user?.text])
        return user == nil ? .userGone : .expired
    }
}
