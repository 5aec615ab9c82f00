package import DoorpostCore
import GRDB

extension SQLiteStore {
    package func session(_ id: SessionID) throws(StoreError) -> LoginSession? {
        try read { db in
            try db.row("\(LoginSession.select) WHERE id = ?", [id.text]).map(LoginSession.init)
        }
    }

    package func sessions(
        of user: UserID?, now: Timestamp, limit: Int
    ) throws(StoreError) -> [LoginSession] {
        try read { db in
            var sql = "\(LoginSession.select) WHERE revoked_at IS NULL AND expires_at > ?"
            var arguments: StatementArguments = [now.milliseconds]
            if let user {
                sql += " AND user_id = ?"
                arguments += [user.text]
            }
            arguments += [max(limit, 0)]
            return try db.rows(
                "\(sql) ORDER BY created_at DESC, number DESC LIMIT ?", arguments
            ).map(LoginSession.init)
        }
    }

    package func hasSignedIn(_ user: UserID, from sourceKey: String) throws(StoreError) -> Bool {
        try read { db in
            try db.row(
                "SELECT 1 FROM sessions WHERE source_key = ? AND user_id = ? LIMIT 1",
                [sourceKey, user.text]) != nil
        }
    }

    package func revokeSession(_ id: SessionID, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            let revoked = try db.run(
                """
                UPDATE sessions SET revoked_at = ?2
                WHERE id = ?1 AND revoked_at IS NULL AND expires_at > ?2
                """, [id.text, audit.at.milliseconds])
            guard revoked > 0 else { return false }
            try db.append(audit)
            return true
        }
    }

    package func revokeSessions(of user: UserID, audit: AuditEvent) throws(StoreError) -> Int {
        try write { db in
            let revoked = try db.revokeSessions(of: user, at: audit.at)
            try db.append(audit)
            return revoked
        }
    }
}

extension Database {
    /// Revokes the live sessions of a user and returns how many there were.
    @discardableResult
    func revokeSessions(of user: UserID, at now: Timestamp) throws -> Int {
        try run(
            """
            UPDATE sessions SET revoked_at = ?2
            WHERE user_id = ?1 AND revoked_at IS NULL AND expires_at > ?2
            """, [user.text, now.milliseconds])
    }

    /// Writes a new session.
    func insert(_ session: LoginSession) throws {
        try run(
            """
            INSERT INTO sessions (id, user_id, door, service, host, source, tty, created_at,
                expires_at, revoked_at, source_key, refresh_generation, refreshed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                session.id.text, session.user.text, session.door, session.service,
                session.host, session.source, session.tty, session.createdAt.milliseconds,
                session.expiresAt.milliseconds, session.revokedAt?.milliseconds,
                session.sourceKey, session.refreshGeneration, session.refreshedAt?.milliseconds,
            ])
    }
}

extension LoginSession {
    static let select = """
        SELECT id, user_id, door, service, host, source, tty, created_at, expires_at, revoked_at,
            source_key, refresh_generation, refreshed_at
        FROM sessions
        """

    init(_ row: Row) {
        self.init(
            id: SessionID(row[0]), user: UserID(row[1]), door: row[2], service: row[3],
            host: row[4], source: row[5], sourceKey: row[10], tty: row[6], createdAt: row.time(7),
            expiresAt: row.time(8), revokedAt: row.optionalTime(9), refreshGeneration: row[11],
            refreshedAt: row.optionalTime(12))
    }
}
