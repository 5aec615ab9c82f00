package import DoorpostCore

extension PostgresStore {
    package func addHost(_ host: EnrolledHost, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                """
                INSERT INTO hosts (id, name, key_hash, created_at, revoked_at)
                VALUES ($1, $2, $3, $4, $5)
                """,
                [
                    host.id.text, host.name, Bytes(host.keyHash), host.createdAt, host.revokedAt,
                ])
            try db.append(audit)
        }
    }

    package func host(_ id: HostID) throws(StoreError) -> EnrolledHost? {
        try read { db in
            try db.row("\(EnrolledHost.select) WHERE id = $1", [id.text]).map(
                EnrolledHost.init(row:))
        }
    }

    package func hosts() throws(StoreError) -> [EnrolledHost] {
        try read { db in
            try db.rows("\(EnrolledHost.select) ORDER BY name, created_at, id").map(
                EnrolledHost.init(row:))
        }
    }

    package func revokeHost(named name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            let revoked = try db.run(
                "UPDATE hosts SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL",
                [name, audit.at])
            guard revoked > 0 else { return false }
            try db.run(
                """
                UPDATE sessions SET revoked_at = $2
                WHERE host = $1 AND door = 'pam' AND revoked_at IS NULL AND expires_at > $2
                """, [name, audit.at])
            try db.append(audit)
            return true
        }
    }
}

extension EnrolledHost {
    fileprivate static let select =
        "SELECT id, name, key_hash, created_at, revoked_at FROM hosts"

    fileprivate init(row: Row) throws {
        self.init(
            id: HostID(try row.text(0)), name: try row.text(1), keyHash: try row.bytes(2),
            createdAt: try row.time(3), revokedAt: try row.optionalTime(4))
    }
}
