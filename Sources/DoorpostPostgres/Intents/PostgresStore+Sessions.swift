package import DoorpostCore

extension PostgresStore {
    package func session(_ id: SessionID) throws(StoreError) -> LoginSession? {
        try read { try $0.session(id) }
    }

    package func sessions(
        of user: UserID?, now: Timestamp, limit: Int
    ) throws(StoreError) -> [LoginSession] {
        try read { db in
            try db.rows(
                """
                \(LoginSession.select)
                WHERE revoked_at IS NULL AND expires_at > $1\(user == nil ? "" : " AND user_id = $3")
                ORDER BY created_at DESC, number DESC LIMIT $2
                """, [now, max(limit, 0)] + (user.map { [$0.text] } ?? [])
            ).map(LoginSession.init)
        }
    }

    package func hasSignedIn(_ user: UserID, from sourceKey: String) throws(StoreError) -> Bool {
        try read { db in
            try db.row(
                "SELECT 1 FROM sessions WHERE source_key = $1 AND user_id = $2 LIMIT 1",
                [sourceKey, user.text]) != nil
        }
    }

    package func revokeSession(_ id: SessionID, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            let revoked = try db.run(
                """
                UPDATE sessions SET revoked_at = $2
                WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2
                """, [id.text, audit.at])
            guard revoked > 0 else { return false }
            try db.append(audit)
            return true
        }
    }

    package func revokeSessions(of user: UserID, audit: AuditEvent) throws(StoreError) -> Int {
        try write { db in
            // A sign-in that is under way has its session in the store before this, or comes after.
            _ = try db.holdUser(user)
            let revoked = try db.revokeSessions(of: user, at: audit.at)
            try db.append(audit)
            return revoked
        }
    }
}

extension Transaction {
    func session(_ id: SessionID, locking: String = "") throws -> LoginSession? {
        try row("\(LoginSession.select) WHERE id = $1 \(locking)", [id.text])
            .map(LoginSession.init)
    }

    /// Revokes the live sessions of a user and returns how many there were.
    @discardableResult
    func revokeSessions(of user: UserID, at now: Timestamp) throws -> Int {
        try run(
            """
            UPDATE sessions SET revoked_at = $2
            WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
            """, [user.text, now])
    }

    /// Writes a new session.
    func insert(_ session: LoginSession) throws {
        try run(
            """
            INSERT INTO sessions (id, user_id, door, service, host, source, tty, created_at,
                expires_at, revoked_at, source_key, refresh_generation, refreshed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            [
                session.id.text, session.user.text, session.door, session.service,
                session.host, session.source, session.tty, session.createdAt,
                session.expiresAt, session.revokedAt, session.sourceKey,
                session.refreshGeneration, session.refreshedAt,
            ])
    }
}

extension LoginSession {
    fileprivate static let select = """
        SELECT id, user_id, door, service, host, source, tty, created_at, expires_at, revoked_at,
            source_key, refresh_generation, refreshed_at
        FROM sessions
        """

    fileprivate init(_ row: Row) throws {
        self.init(
            id: SessionID(try row.text(0)), user: UserID(try row.text(1)), door: try row.text(2),
            service: try row.text(3), host: try row.text(4), source: try row.text(5),
            sourceKey: row.optionalText(10), tty: try row.text(6), createdAt: try row.time(7),
            expiresAt: try row.time(8), revokedAt: try row.optionalTime(9),
            refreshGeneration: try row.optionalCount(11), refreshedAt: try row.optionalTime(12))
    }
}
