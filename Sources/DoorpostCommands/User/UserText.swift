import DoorpostCore
import DoorpostSetup

/// How users are shown.
enum UserText {
    static func json(_ user: User) -> JSON {
        .object([
            "id": .string(user.id.text), "email": .string(user.email.canonical),
            "login": .string(user.login?.name), "name": .string(user.name),
            "groups": .list(user.groups.map { .string($0) }), "enabled": .flag(user.isEnabled),
            "created_at": .time(user.createdAt), "bounced_at": .time(user.bounce?.at),
            "bounce_reason": .string(user.bounce?.reason),
        ])
    }

    /// In one word; that mail comes back matters only to somebody who may sign in.
    private static func state(_ user: User) -> String {
        user.isEnabled ? user.bounce == nil ? "enabled" : "bounced" : "disabled"
    }

    /// Since when no code is mailed to the user, and why; nil if codes are.
    static func bounce(_ user: User) -> String? {
        user.bounce.map { "came back \(UTCTime($0.at).isoText): \($0.reason)" }
    }

    static func table(_ users: [User]) -> Table {
        var table = Table("EMAIL", "LOGIN", "STATE", "GROUPS", "ADDED", "NAME")
        for user in users {
            table.add(
                user.email.canonical, user.login?.name ?? "",
                state(user),
                user.groups.joined(separator: ","), UTCTime(user.createdAt).minuteText,
                user.name ?? "")
        }
        return table
    }
}

/// What administrators type about users, checked.
enum UserInput {
    static func email(_ text: String) throws -> EmailAddress {
        guard let address = EmailAddress(text) else {
            throw CommandFailure.usage(
                "'\(VisibleText.escape(text, limit: 80))' is not a mail address that can be used "
                    + "safely (write name@example.org, without quotes, comments or non-ASCII)")
        }
        return address
    }

    /// A login name. That no such account is there yet is worth a word, not a refusal.
    static func login(_ text: String) throws -> LoginName {
        guard let name = LoginName(text) else {
            throw CommandFailure.usage(
                "'\(VisibleText.escape(text, limit: 80))' is not a login name (1 to 32 letters, "
                    + "digits, '_', '.', '-')")
        }
        if Account.named(name.name) == nil {
            Output.note("note: there is no account '\(name)' on this machine yet")
        }
        return name
    }

    static func name(_ text: String) throws -> String {
        let isPlain = text.unicodeScalars.allSatisfy {
            ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
                $0.properties.generalCategory)
        }
        guard isPlain, !text.isEmpty, text.count <= 100, text.utf8.count <= 400 else {
            throw CommandFailure.usage(
                "a name is 1 to 100 characters, none of them a control character")
        }
        return text
    }

    static func groups(_ names: [String]) throws -> [String] {
        for name in names where !UserGroup.isName(name) {
            throw CommandFailure.usage(
                "'\(VisibleText.escape(name, limit: 80))' is not a group name (1 to 64 letters, "
                    + "digits, '_', '.', '-')")
        }
        return Set(names).sorted()
    }
}
