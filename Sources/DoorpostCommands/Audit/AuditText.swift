import DoorpostCore

/// How audit records are shown.
enum AuditText {
    static func json(_ record: AuditRecord, _ names: UserNames) -> JSON {
        let event = record.event
        return .object([
            "sequence": .number(Int(record.sequence)), "at": .time(event.at),
            "kind": .string(event.kind.rawValue), "user_id": .string(event.user?.text),
            "email": .string(names[event.user]), "door": .string(event.door),
            "service": .string(event.service), "host": .string(event.host),
            "source": .string(event.source), "detail": .string(event.detail),
        ])
    }

    static func table(_ records: [AuditRecord], _ names: UserNames) -> Table {
        var table = Table("TIME", "WHAT", "USER", "DOOR", "SERVICE", "HOST", "FROM", "DETAIL")
        for record in records {
            let event = record.event
            table.add(
                UTCTime(event.at).isoText, event.kind.rawValue, names.text(event.user), event.door,
                event.service, event.host, event.source, event.detail)
        }
        return table
    }

    /// One record as a line of its own, for following: no column can be measured beforehand.
    static func line(_ record: AuditRecord, _ names: UserNames) -> String {
        let event = record.event
        let place = [event.door, event.service, event.host].filter { !$0.isEmpty }
        let parts = [
            UTCTime(event.at).isoText, event.kind.rawValue.padding(to: 15),
            names.text(event.user).padding(to: 24), place.joined(separator: "/"),
            event.source.isEmpty ? "" : "from \(event.source)", event.detail,
        ]
        return Terminal.safe(parts.filter { !$0.isEmpty }.joined(separator: "  "))
    }
}
