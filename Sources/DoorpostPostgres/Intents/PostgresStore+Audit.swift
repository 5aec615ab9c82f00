package import DoorpostCore

extension PostgresStore {
    package func appendAudit(_ event: AuditEvent) throws(StoreError) {
        try write { try $0.append(event) }
    }

    package func auditTrail(_ query: AuditQuery) throws(StoreError) -> [AuditRecord] {
        // From a known record onwards, else the newest: then read backwards and turned round.
        let forwards = query.after > 0
        return try read { db in
            var values: [(any Bindable)?] = [query.after]
            var conditions = ["sequence > $1"]
            func add(_ condition: String, _ value: any Bindable) {
                values.append(value)
                conditions.append("\(condition) $\(values.count)")
            }
            if let before = query.before { add("sequence <", before) }
            if let user = query.user { add("user_id =", user.text) }
            if let since = query.since { add("at >=", since) }
            if let kinds = query.kinds {
                add("kind = ANY", List(kinds.map(\.rawValue).sorted()))
                conditions[conditions.count - 1] = "kind = ANY ($\(values.count)::text[])"
            }
            values.append(max(query.limit, 0))
            let records = try db.rows(
                """
                SELECT sequence, at, kind, user_id, door, service, host, source, detail
                FROM audit WHERE \(conditions.joined(separator: " AND "))
                ORDER BY sequence \(forwards ? "ASC" : "DESC") LIMIT $\(values.count)
                """, values
            ).map(AuditRecord.init)
            return forwards ? records : records.reversed()
        }
    }
}

extension Transaction {
    /// Writes one record, in the transaction of what it tells.
    func append(_ event: AuditEvent) throws {
        try run(
            """
            INSERT INTO audit (at, kind, user_id, door, service, host, source, detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                event.at, event.kind.rawValue, event.user?.text, event.door,
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
        guard let kind = AuditEvent.Kind(rawValue: try row.text(2)) else {
            throw StoreError.unreadable("audit")
        }
        self.init(
            sequence: try row.number(0),
            event: AuditEvent(
                at: try row.time(1), kind: kind, user: row.optionalText(3).map(UserID.init),
                door: try row.text(4), service: try row.text(5), host: try row.text(6),
                source: try row.text(7), detail: try row.text(8)))
    }
}
