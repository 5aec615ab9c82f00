package import DoorpostCore

extension PostgresStore {
    package func addAPIKey(_ key: APIKey, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                "INSERT INTO api_keys (id, name, secret, created_at) VALUES ($1, $2, $3, $4)",
                [key.id.text, key.name, Bytes(key.sealedSecret), key.createdAt])
            try db.append(audit)
        }
    }

    package func apiKey(_ id: APIKeyID) throws(StoreError) -> APIKey? {
        try read { db in
            try db.row("\(APIKey.select) WHERE id = $1", [id.text]).map(APIKey.init(row:))
        }
    }

    package func apiKeys() throws(StoreError) -> [APIKey] {
        try read { db in try db.rows("\(APIKey.select) ORDER BY name").map(APIKey.init(row:)) }
    }

    package func removeAPIKey(_ id: APIKeyID, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            guard try db.run("DELETE FROM api_keys WHERE id = $1", [id.text]) > 0 else {
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
                INSERT INTO used_signatures (signature, expires_at) VALUES ($1, $2)
                ON CONFLICT DO NOTHING
                """, [signature, expiresAt]) > 0
        }
    }
}

extension APIKey {
    fileprivate static let select = "SELECT id, name, secret, created_at FROM api_keys"

    fileprivate init(row: Row) throws {
        self.init(
            id: APIKeyID(try row.text(0)), name: try row.text(1),
            sealedSecret: try row.bytes(2), createdAt: try row.time(3))
    }
}
