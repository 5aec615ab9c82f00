import DoorpostCore

/// `AuthEventType` of the service model.
enum AuthEvent {
    /// What a record of the trail is called there: `EventType` and `EventResponse`. Others are of
    /// administrators, mails and sessions.
    static let kinds: [AuditEvent.Kind: (type: String, response: String)] = [
        .codeRequested: ("SignIn", "InProgress"),
        .codeResumed: ("SignIn", "InProgress"),
        .codeResent: ("ResendCode", "Pass"),
        .signedIn: ("SignIn", "Pass"),
        .codeWrong: ("SignIn", "Fail"),
        .codeExpired: ("SignIn", "Fail"),
        .codeReused: ("SignIn", "Fail"),
        .triesUsedUp: ("SignIn", "Fail"),
        .limited: ("SignIn", "Fail"),
    ]

    /// nil for a record of another kind.
    static func value(_ record: AuditRecord) -> JSONValue? {
        guard let (type, response) = kinds[record.event.kind] else { return nil }
        return .object([
            "EventId": .string("\(record.sequence)"),
            "EventType": .string(type),
            "EventResponse": .string(response),
            "CreationDate": .time(record.event.at),
            "EventContextData": .texts(["IpAddress": record.event.source]),
        ])
    }
}
