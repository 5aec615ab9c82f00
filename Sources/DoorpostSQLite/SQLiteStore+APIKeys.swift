package import DoorpostCore
import Foundation
import GRDB

extension SQLiteStore {
    package func addAPIKey(_ key: APIKey, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                "INSERT INTO api_keys (id, name, secret, created_at) VALUES (?, ?, ?, ?)",
                [key.id.text, key.name, Data(key.sealedSecret), key.createdAt.milliseconds])
            try db.append(audit)
        }
    }

    package func apiKey(_ id: APIKeyID) throws(StoreError) -> APIKey? {
        try read { db in
            try db.row("\(APIKey.select) WHERE id = ?", [id.text]).map(APIKey.init(row:))
        }
    }

    package func apiKeys() throws(StoreError) -> [APIKey] {
        try read { db in
            try db.rows("\(APIKey.select) ORDER BY name").map(APIKey.init(row:))
        }
    }

    package func removeAPIKey(_ id: APIKeyID, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            guard try db.run("DELETE FROM api_keys WHERE id = ?", [id.text]) > 0 else {
                return false
            }
            try db.append(audit)
            return true
        }
    }

    package func useSignature(_ signature: String, expiresAt: Timestamp) throws(StoreError)
        -> Bool
    {
        try write { db in
            try db.run(
                """
                INSERT INTO used_signatures (signature, expires_at) VALUES (?, ?)
                ON CONFLICT DO NOTHING
                """, [signature, expiresAt.milliseconds]) > 0
        }
    }
}

extension APIKey {
    fileprivate static let select = "SELECT id, name, secret, created_at FROM api_keys"

    fileprivate init(row: Row) {
        self.init(
            id: APIKeyID(row[0]), name: row[1], sealedSecret: row.bytes(2),
            createdAt: row.time(3))
    }
}
