package import DoorpostCore

extension PostgresStore {
    package func addClient(_ client: AppClient, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                """
                INSERT INTO clients (id, name, secret, flows, id_lifetime, access_lifetime,
                    refresh_lifetime, session_lifetime, refresh_grace, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                [
                    client.id.text, client.name, client.sealedSecret.map { Bytes($0) },
                    client.flows.map(\.rawValue).sorted().joined(separator: " "),
                    client.idLifetime?.milliseconds, client.accessLifetime?.milliseconds,
                    client.refreshLifetime?.milliseconds, client.sessionLifetime.milliseconds,
                    client.refreshGrace?.milliseconds, client.createdAt,
                ])
            try db.append(audit)
        }
    }

    package func client(_ id: ClientID) throws(StoreError) -> AppClient? {
        try read { db in
            try db.row("\(AppClient.select) WHERE id = $1", [id.text]).map(AppClient.init(row:))
        }
    }

    package func clients() throws(StoreError) -> [AppClient] {
        try read { db in
            try db.rows("\(AppClient.select) ORDER BY name").map(AppClient.init(row:))
        }
    }

    package func removeClient(_ id: ClientID, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            guard try db.run("DELETE FROM clients WHERE id = $1", [id.text]) > 0 else {
                return false
            }
            try db.run(
                """
                UPDATE sessions SET revoked_at = $2
                WHERE service = $1 AND revoked_at IS NULL AND expires_at > $2
                """, [id.text, audit.at])
            try db.append(audit)
            return true
        }
    }
}

extension AppClient {
    fileprivate static let select = """
        SELECT id, name, secret, flows, id_lifetime, access_lifetime, refresh_lifetime,
            session_lifetime, refresh_grace, created_at
        FROM clients
        """

    /// Reads a row of ``select``.
    ///
    /// - Throws: `StoreError` (``StoreError/Code/corrupt``): it holds what no Doorpost wrote.
    fileprivate init(row: Row) throws {
        let words = try row.text(3).utf8.split(separator: UInt8(ascii: " "))
        let flows = words.compactMap { ClientFlow(rawValue: String(Substring($0))) }
        guard flows.count == words.count else { throw StoreError.unreadable("clients") }
        func span(_ column: Int) throws -> Span? {
            try row.optionalNumber(column).map(Span.init(milliseconds:))
        }
        self.init(
            id: ClientID(try row.text(0)), name: try row.text(1),
            sealedSecret: try row.optionalBytes(2), flows: Set(flows), idLifetime: try span(4),
            accessLifetime: try span(5), refreshLifetime: try span(6),
            sessionLifetime: Span(milliseconds: try row.number(7)), refreshGrace: try span(8),
            createdAt: try row.time(9))
    }
}
