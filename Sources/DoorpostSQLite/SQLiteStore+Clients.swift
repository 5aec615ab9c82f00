package import DoorpostCore
import Foundation
import GRDB

extension SQLiteStore {
    package func addClient(_ client: AppClient, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                """
                INSERT INTO clients (id, name, secret, flows, id_lifetime, access_lifetime,
                    refresh_lifetime, session_lifetime, refresh_grace, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    client.id.text, client.name, client.sealedSecret.map { Data($0) },
                    client.flows.map(\.rawValue).sorted().joined(separator: " "),
                    client.idLifetime?.milliseconds, client.accessLifetime?.milliseconds,
                    client.refreshLifetime?.milliseconds, client.sessionLifetime.milliseconds,
                    client.refreshGrace?.milliseconds, client.createdAt.milliseconds,
                ])
            try db.append(audit)
        }
    }

    package func client(_ id: ClientID) throws(StoreError) -> AppClient? {
        try read { db in
            try db.row("\(AppClient.select) WHERE id = ?", [id.text]).map(AppClient.init(row:))
        }
    }

    package func clients() throws(StoreError) -> [AppClient] {
        try read { db in
            try db.rows("\(AppClient.select) ORDER BY name").map(AppClient.init(row:))
        }
    }

    package func removeClient(_ id: ClientID, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            guard try db.run("DELETE FROM clients WHERE id = ?", [id.text]) > 0 else {
                return false
            }
            try db.run(
                """
                UPDATE sessions SET revoked_at = ?2
                WHERE service = ?1 AND revoked_at IS NULL AND expires_at > ?2
                """, [id.text, audit.at.milliseconds])
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
        // By bytes: a client is read for every request, and its texts are ours.
        let words = (row[3] as String).utf8.split(separator: UInt8(ascii: " "))
        let flows = words.compactMap { ClientFlow(rawValue: String(Substring($0))) }
        guard flows.count == words.count else { throw StoreError.unreadable("clients") }
        func span(_ column: Int) -> Span? {
            (row[column] as Int64?).map(Span.init(milliseconds:))
        }
        self.init(
            id: ClientID(row[0]), name: row[1], sealedSecret: (row[2] as Data?).map { [UInt8]($0) },
            flows: Set(flows), idLifetime: span(4), accessLifetime: span(5),
            refreshLifetime: span(6), sessionLifetime: Span(milliseconds: row[7]),
            refreshGrace: span(8), createdAt: row.time(9))
    }
}
