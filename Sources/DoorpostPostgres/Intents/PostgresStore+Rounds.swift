package import DoorpostCore

extension PostgresStore {
    package func keepRounds(_ rounds: RoundsToKeep) throws(StoreError) -> LiveChallenge? {
        try write { db in
            // As in consumption, the guard is in the statement.
            let kept = try db.row(
                """
                UPDATE challenges SET sealed_rounds = $1
                WHERE id = $2 AND purpose = $3 AND attempts_left = $4 AND attempts_left > 0
                    AND consumed_at IS NULL AND expires_at > $5 AND created_at <= $6
                RETURNING mailed_at, expires_at
                """,
                [
                    Bytes(rounds.sealed), rounds.challenge.text, rounds.purpose,
                    rounds.attemptsLeft, rounds.now, rounds.now + .clockTolerance,
                ])
            guard let kept else { return nil }
            if let right = rounds.rightAttempt { try db.takeBack(right) }
            return LiveChallenge(
                id: rounds.challenge, mailedAt: try kept.time(0), expiresAt: try kept.time(1),
                attemptsLeft: rounds.attemptsLeft, sealedRounds: rounds.sealed)
        }
    }

    package func endChallenge(_ end: ChallengeEnd) throws(StoreError) {
        try write { db in
            // Nobody looks at when an ended challenge was mailed but the gap before the next.
            let ended = try db.row(
                """
                UPDATE challenges SET attempts_left = 0, code_hash = ''::bytea,
                    sealed_rounds = NULL,
                    mailed_at = CASE WHEN $2::boolean THEN 0 ELSE mailed_at END
                WHERE id = $1 AND consumed_at IS NULL
                RETURNING number
                """, [end.challenge.text, end.isAbandoned])
            guard let ended else { return }
            try db.eraseMail(of: try ended.number(0))
            try db.append(end.audit)
        }
    }
}
