import DoorpostCore

/// A line of `mail queue`.
enum MailQueueEntry {
    case mail(OutboxItem)
    /// Somebody to whom no code is mailed, since mail came back.
    case bounced(User)

    func json(_ names: UserNames) -> JSON {
        switch self {
        case .mail(let item):
            .object([
                "id": .string(item.id.text), "state": .string(item.state.rawValue),
                "user_id": .string(item.user.text), "email": .string(names[item.user]),
                "created_at": .time(item.createdAt), "expires_at": .time(item.expiresAt),
                "tries": .number(item.tries), "last_try_at": .time(item.lastTryAt),
                "retry_at": .time(item.retryAt), "last_answer": .string(item.lastAnswer),
            ])
        case .bounced(let user):
            .object([
                "id": .null, "state": .string("bounced"), "user_id": .string(user.id.text),
                "email": .string(user.email.canonical), "created_at": .null, "expires_at": .null,
                "tries": .null, "last_try_at": .time(user.bounce?.at), "retry_at": .null,
                "last_answer": .string(user.bounce?.reason),
            ])
        }
    }

    static func table(_ entries: [MailQueueEntry], _ names: UserNames) -> Table {
        var table = Table(
            "STATE", "TO", "COMPOSED", "CODE EXPIRES", "TRIES", "NEXT TRY", "LAST ANSWER")
        for entry in entries {
            switch entry {
            case .mail(let item):
                table.add(
                    item.state.rawValue, names.text(item.user), UTCTime(item.createdAt).isoText,
                    UTCTime(item.expiresAt).isoText, "\(item.tries)", nextTry(item),
                    item.lastAnswer)
            case .bounced(let user):
                table.add(
                    "bounced", user.email.canonical, "", "", "", "",
                    UserText.bounce(user) ?? "")
            }
        }
        return table
    }

    private static func nextTry(_ item: OutboxItem) -> String {
        guard item.state == .queued else { return "" }
        return item.retryAt.map { UTCTime($0).isoText } ?? "at once"
    }
}
