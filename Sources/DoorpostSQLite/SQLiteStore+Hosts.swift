package import DoorpostCore
import Foundation
import GRDB

extension SQLiteStore {
    package func addHost(_ host: EnrolledHost, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                """
                INSERT INTO hosts (id, name, key_hash, created_at, revoked_at)
                VALUES (?, ?, ?, ?, ?)
                """,
                [
                    host.id.text, host.name, Data(host.keyHash), host.createdAt.milliseconds,
                    host.revokedAt?.milliseconds,
                ])
            try db.append(audit)
        }
    }

    package func host(_ id: HostID) throws(StoreError) -> EnrolledHost? {
        try read { db in
            try db.row("\(EnrolledHost.select) WHERE id = ?", [id.text]).map(
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
                "UPDATE hosts SET revoked_at = ?2 WHERE name = ?1 AND revoked_at IS NULL",
                [name, audit.at.milliseconds])
            guard revoked > 0 else { return false }
            try db.run(
                """
                UPDATE sessions SET revoked_at = ?2
                WHERE host = ?1 AND door = 'pam' AND revoked_at IS NULL AND expires_at > ?2
                """, [name, audit.at.milliseconds])
            try db.append(audit)
            return true
        }
    }
}

extension EnrolledHost {
    fileprivate static let select =
        "SELECT id, name, key_hash, created_at, revoked_at FROM hosts"

    fileprivate init(row: Row) {
        self.init(
            id: HostID(row[0]), name: row[1], keyHash: row.bytes(2), createdAt: row.time(3),
            revokedAt: row.optionalTime(4))
    }
}
