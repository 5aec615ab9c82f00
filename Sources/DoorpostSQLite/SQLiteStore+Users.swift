package import DoorpostCore
import Foundation
import GRDB

extension SQLiteStore {
    package func addUser(_ user: User, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                """
                INSERT INTO users (id, email, login, name, group_names, enabled, created_at,
                    modified_at, bounced_at, bounce_reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, [user.id.text] + user.values)
            try db.putIntoGroups(user, at: audit.at)
            try db.append(audit)
        }
    }

    package func user(_ reference: UserReference) throws(StoreError) -> User? {
        try read { db in
            switch reference {
            case .id(let id): try db.user(id)
            case .email(let email):
                try db.row("\(User.select) WHERE email = ?", [email.canonical])
                    .map(User.init(row:))
            case .login(let login):
                try db.row("\(User.select) WHERE login = ?", [login.name]).map(User.init(row:))
            }
        }
    }

    package func users(after: EmailAddress?, limit: Int) throws(StoreError) -> [User] {
        try read { db in
            try db.rows(
                "\(User.select) WHERE email > ? ORDER BY email LIMIT ?",
                [after?.canonical ?? "", max(limit, 0)]
            ).map(User.init(row:))
        }
    }

    package func users(_ query: UserQuery) throws(StoreError) -> [User] {
        try read { db in
            let (conditions, arguments) = query.conditions
            return try db.rows(
                """
                \(User.select) WHERE \(conditions.joined(separator: " AND "))
                ORDER BY \(query.order) LIMIT ?
                """, arguments + [max(query.limit, 0)]
            ).map(User.init(row:))
        }
    }

    package func updateUser(_ user: User, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            guard let old = try db.user(user.id) else { return false }
            try db.replace(old, with: user, audit)
            return true
        }
    }

    package func changeUser(
        _ id: UserID, audit: AuditEvent, _ change: (inout User) -> Void
    ) throws(StoreError) -> UserChangeResult {
        try write { db in
            guard let old = try db.user(id) else { return .gone }
            var user = old
            change(&user)
            guard user != old else { return .unchanged(old) }
            return .changed(try db.replace(old, with: user, audit))
        }
    }

    package func deleteUser(_ id: UserID, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            // Challenges, their mails and sessions go with the user: ON DELETE CASCADE.
            guard try db.run("DELETE FROM users WHERE id = ?", [id.text]) > 0 else {
                return false
            }
            try db.append(audit)
            return true
        }
    }

    package func deleteUserWithoutLogin(_ id: UserID, audit: AuditEvent) throws(StoreError)
        -> Bool
    {
        try write { db in
            guard
                try db.run("DELETE FROM users WHERE id = ? AND login IS NULL", [id.text]) > 0
            else { return false }
            try db.append(audit)
            return true
        }
    }

    package func setName(_ name: String?, of id: UserID, audit: AuditEvent) throws(StoreError)
        -> Bool
    {
        try write { db in
            guard
                try db.run(
                    "UPDATE users SET name = ?, modified_at = ? WHERE id = ? AND enabled",
                    [name, audit.at.milliseconds, id.text]) > 0
            else { return false }
            try db.append(audit)
            return true
        }
    }
}

extension User {
    static let select =
        """
        SELECT id, email, login, name, group_names, enabled, created_at,
            coalesce(modified_at, created_at), bounced_at, bounce_reason
        FROM users
        """

    /// Reads a row of ``select``.
    ///
    /// - Throws: `StoreError` (``StoreError/Code/corrupt``): it holds what no Doorpost wrote.
    init(row: Row) throws {
        guard let email = EmailAddress(row[1]), email.canonical == row[1] else {
            throw StoreError.unreadable("users")
        }
        var login: LoginName?
        if let text = row[2] as String? {
            guard let name = LoginName(text) else { throw StoreError.unreadable("users") }
            login = name
        }
        self.init(
            id: UserID(row[0]), email: email, login: login, name: row[3],
            groups: try Self.groups(row[4]), isEnabled: row[5], createdAt: row.time(6),
            modifiedAt: row.time(7),
            bounce: row.optionalTime(8).map { Bounce(at: $0, reason: row[9] ?? "") })
    }

    private static func groups(_ json: String) throws -> [String] {
        if json == "[]" { return [] }
        do {
            return try JSONDecoder().decode([String].self, from: Data(json.utf8))
        } catch {
            throw StoreError.unreadable("users")
        }
    }

    /// Everything but the id, in the order of the columns.
    fileprivate var values: StatementArguments {
        [
            email.canonical, login?.name, name, groupsJSON, isEnabled, createdAt.milliseconds,
            modifiedAt.milliseconds, bounce?.at.milliseconds, bounce?.reason,
        ]
    }

    fileprivate var groupsJSON: String {
        guard !groups.isEmpty, let data = try? JSONEncoder().encode(groups) else { return "[]" }
        return String(decoding: data, as: UTF8.self)
    }
}

extension Database {
    /// The user with this id.
    func user(_ id: UserID) throws -> User? {
        try row("\(User.select) WHERE id = ?", [id.text]).map(User.init(row:))
    }

    /// Writes what a user is from now on, with all that follows from it.
    @discardableResult
    func replace(_ old: User, with new: User, _ audit: AuditEvent) throws -> User {
        var user = new
        user.modifiedAt = audit.at
        let isMoved = user.email != old.email
        if isMoved { user.bounce = nil }
        try run(
            """
            UPDATE users SET email = ?, login = ?, name = ?, group_names = ?, enabled = ?,
                created_at = ?, modified_at = ?, bounced_at = ?, bounce_reason = ? WHERE id = ?
            """, user.values + [user.id.text])
        if user.groups != old.groups {
            try run("DELETE FROM group_members WHERE user_id = ?", [user.id.text])
            try putIntoGroups(user, at: audit.at)
        }
        if !user.isEnabled || isMoved {
            try endChallenges(of: user.id, at: audit.at)
            try revokeSessions(of: user.id, at: audit.at)
        }
        try append(audit)
        return user
    }

    /// Ends a user's live challenges, so that their codes open nothing any more, and takes
    /// back the mails that have not gone.
    func endChallenges(of user: UserID, at now: Timestamp) throws {
        try run(
            """
            DELETE FROM outbox WHERE state = 'queued' AND challenge IN (
                SELECT number FROM challenges WHERE user_id = ?)
            """, [user.text])
        try run(
            """
            UPDATE outbox SET sealed = x'' WHERE challenge IN (
                SELECT number FROM challenges WHERE user_id = ?)
            """, [user.text])
        try run(
            """
            UPDATE challenges SET expires_at = min(expires_at, ?2), code_hash = x'',
                sealed_rounds = NULL
            WHERE user_id = ?1 AND consumed_at IS NULL
            """, [user.text, now.milliseconds])
    }
}
