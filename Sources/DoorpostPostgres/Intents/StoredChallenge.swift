import DoorpostCore

/// A challenge as it stands in the store.
struct StoredChallenge {
    var number: Int64
    var id: ChallengeID
    var subject: String
    var user: UserID?
    var signup: EmailAddress?
    var purpose: String
    var resumeKey: String
    var codeHash: [UInt8]
    var attemptsLeft: Int
    var createdAt: Timestamp
    var mailedAt: Timestamp
    var expiresAt: Timestamp
    var consumedAt: Timestamp?
    var mailKey: LimitKey
    var sealedRounds: [UInt8]?

    static let select = """
        SELECT number, id, subject, user_id, purpose, code_hash, attempts_left, created_at,
            mailed_at, expires_at, consumed_at, mail_key, signup_email, sealed_rounds, resume_key
        FROM challenges
        """

    init(_ row: Row) throws {
        number = try row.number(0)
        id = ChallengeID(try row.text(1))
        subject = try row.text(2)
        user = row.optionalText(3).map(UserID.init)
        purpose = try row.text(4)
        codeHash = try row.bytes(5)
        attemptsLeft = try row.count(6)
        createdAt = try row.time(7)
        mailedAt = try row.time(8)
        expiresAt = try row.time(9)
        consumedAt = try row.optionalTime(10)
        mailKey = LimitKey(try row.text(11))
        signup = row.optionalText(12).flatMap { EmailAddress($0) }
        sealedRounds = try row.optionalBytes(13)
        resumeKey = try row.text(14)
    }

    /// Past its time, or from before the clock was set back: then nobody knows how old it is.
    func isExpired(at now: Timestamp) -> Bool {
        now >= expiresAt || createdAt > now + .clockTolerance
    }

    /// What a door may know of it.
    var live: LiveChallenge {
        LiveChallenge(
            id: id, mailedAt: mailedAt, expiresAt: expiresAt, attemptsLeft: attemptsLeft,
            sealedRounds: sealedRounds)
    }
}

extension Transaction {
    /// The challenge with this id, as it was when somebody last committed. What it is for (subject,
    /// user, purpose, mail key) never changes, and may be believed; the rest may be changing.
    func glanceAtChallenge(_ id: ChallengeID) throws -> StoredChallenge? {
        try row("\(StoredChallenge.select) WHERE id = $1", [id.text]).map(StoredChallenge.init)
    }

    /// The challenge with this id, which nobody else changes until the end of the transaction.
    func holdChallenge(_ id: ChallengeID) throws -> StoredChallenge? {
        try row("\(StoredChallenge.select) WHERE id = $1 FOR UPDATE", [id.text])
            .map(StoredChallenge.init)
    }
}
