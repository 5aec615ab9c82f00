import DoorpostCore
import Foundation
import GRDB

/// A challenge as it stands in the store.
struct StoredChallenge {
    var number: Int64
    var id: ChallengeID
    var subject: String
    var user: UserID?
    var signup: EmailAddress?
    var purpose: String
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
            mailed_at, expires_at, consumed_at, mail_key, signup_email, sealed_rounds
        FROM challenges
        """

    init(_ row: Row) {
        number = row[0]
        id = ChallengeID(row[1])
        subject = row[2]
        user = (row[3] as String?).map(UserID.init)
        purpose = row[4]
        codeHash = row.bytes(5)
        attemptsLeft = row[6]
        createdAt = row.time(7)
        mailedAt = row.time(8)
        expiresAt = row.time(9)
        consumedAt = row.optionalTime(10)
        mailKey = LimitKey(row[11])
        signup = (row[12] as String?).flatMap { EmailAddress($0) }
        sealedRounds = (row[13] as Data?).map { [UInt8]($0) }
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

extension Database {
    /// The challenge with this id.
    func challenge(_ id: ChallengeID) throws -> StoredChallenge? {
        try row("\(StoredChallenge.select) WHERE id = ?", [id.text]).map(StoredChallenge.init)
    }
}
