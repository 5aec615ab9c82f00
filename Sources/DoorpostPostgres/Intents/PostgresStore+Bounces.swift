package import DoorpostCore

extension PostgresStore {
    package func markBounced(
        _ id: MailID, recipient: EmailAddress, audit: AuditEvent, reason: String
    ) throws(StoreError) -> User? {
        // Bounces are rare and come hours later: they may walk through the trail, so that no
        // login pays for an index. Outside the transaction, since anybody can send us one.
        let found = try read { db in
            try db.row(
                "SELECT user_id FROM audit WHERE kind = $1 AND detail = $2 LIMIT 1",
                [AuditEvent.Kind.codeRequested.rawValue, id.auditDetail])?.optionalText(0)
        }
        guard let found else { return nil }
        return try write { db in
            guard var user = try db.holdUser(UserID(found)), user.email == recipient else {
                return nil
            }
            try db.run(
                "UPDATE users SET bounced_at = $1, bounce_reason = $2 WHERE id = $3",
                [audit.at, reason, user.id.text])
            user.bounce = Bounce(at: audit.at, reason: reason)
            var audit = audit
            audit.user = user.id
            try db.append(audit)
            return user
        }
    }
}
