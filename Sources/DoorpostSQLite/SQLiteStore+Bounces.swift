package import DoorpostCore
import GRDB

extension SQLiteStore {
    package func markBounced(
        _ id: MailID, recipient: EmailAddress, audit: AuditEvent, reason: String
    ) throws(StoreError) -> User? {
        // Bounces are rare and come hours later: they may walk through the trail, so that no
        // login pays for an index. Without the lock, since anybody can send us one.
        let found = try read { db in
            try db.row(
                "SELECT user_id FROM audit WHERE kind = ? AND detail = ? LIMIT 1",
                [AuditEvent.Kind.codeRequested.rawValue, id.auditDetail])?[0] as String?
        }
        guard let found else { return nil }
        return try write { db in
            guard var user = try db.user(UserID(found)), user.email == recipient else {
                return nil
            }
            try db.run(
                "UPDATE users SET bounced_at = ?, bounce_reason = ? WHERE id = ?",
                [audit.at.milliseconds, reason, user.id.text])
            user.bounce = Bounce(at: audit.at, reason: reason)
            var audit = audit
            audit.user = user.id
            try db.append(audit)
            return user
        }
    }
}
