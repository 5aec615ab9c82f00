package import DoorpostCore
import GRDB

extension SQLiteStore {
    package func appendAudit(_ event: AuditEvent) throws(StoreError) {
        try write { try $0.append(event) }
    }

    package func auditTrail(_ query: AuditQuery) throws(StoreError) -> [AuditRecord] {
        // From a known record onwards, else the newest: then read backwards and turned round.
        let forwards = query.after > 0
        return try read { db in
            var conditions = ["sequence > ?"]
            var arguments: StatementArguments = [query.after]
            if let before = query.before {
                conditions.append("sequence < ?")
                arguments += [before]
            }
            if let kinds = query.kinds {
                let names = kinds.map { "'\($0.rawValue)'" }.joined(separator: ", ")
                conditions.append("kind IN (\(names))")
            }
            if let user = query.user {
                conditions.append("user_id = ?")
                arguments += [user.text]
            }
            if let since = query.since {
                conditions.append("at >= ?")
                arguments += [since.milliseconds]
            }
            arguments += [max(query.limit, 0)]
            let records = try db.rows(
                """
                SELECT sequence, at, kind, user_id, door, service, host, source, detail
                FROM audit WHERE \(conditions.joined(separator: " AND "))
                ORDER BY sequence \(forwards ? "ASC" : "DESC") LIMIT ?
                """, arguments
            ).map(AuditRecord.init)
            return forwards ? records : records.reversed()
        }
    }
}

extension Database {
    /// Writes one record, in the transaction of what it tells.
    func append(_ event: AuditEvent) throws {
        try run(
            """
            INSERT INTO audit (at, kind, user_id, door, service, host, source, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                event.at.milliseconds, event.kind.rawValue, event.user?.text, event.door,
                event.service, event.host, event.source, event.detail,
            ])
    }

    /// Writes that a limit refused what the event tells of.
    func append(_ event: AuditEvent, refusedBy hit: LimitHit) throws {
        var event = event
        event.kind = .limited
        event.detail = hit.name.rawValue
        try append(event)
    }
}

extension AuditRecord {
    fileprivate init(_ row: Row) throws {
        guard let kind = AuditEvent.Kind(rawValue: row[2]) else {
            throw StoreError.unreadable("audit")
        }
        self.init(
            sequence: row[0],
            event: AuditEvent(
                at: row.time(1), kind: kind, user: (row[3] as String?).map(UserID.init),
                door: row[4], service: row[5], host: row[6], source: row[7], detail: row[8]))
    }
}

extension StoreError {
    /// A row holds a value that no Doorpost of this schema wrote.
    static func unreadable(_ table: String) -> Self {
        Self(
            .corrupt,
            "a row of table `\(table)` holds what no Doorpost wrote. Somebody changed "
                + "the store by other means: restore a backup, or undo the change.")
    }
}
