package import DoorpostCore
import Foundation

extension PostgresStore {
    package func addUser(_ user: User, audit: AuditEvent) throws(StoreError) {
        try write { db in
            if !user.groups.isEmpty { try db.lock([.groups]) }
            try db.run(
                """
                INSERT INTO users (id, email, login, name, group_names, enabled, created_at,
                    modified_at, bounced_at, bounce_reason)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """, [user.id.text] + user.values)
            try db.putIntoGroups(user, at: audit.at)
            try db.append(audit)
        }
    }

    package func user(_ reference: UserReference) throws(StoreError) -> User? {
        try read { db in
            let (column, name) =
                switch reference {
                case .id(let id): ("id", id.text)
                case .email(let email): ("email", email.canonical)
                case .login(let login): ("login", login.name)
                }
            return try db.row("\(User.select) WHERE \(column) = $1", [name]).map(User.init(row:))
        }
    }

    package func users(after: EmailAddress?, limit: Int) throws(StoreError) -> [User] {
        try read { db in
            try db.rows(
                "\(User.select) WHERE email > $1 ORDER BY email LIMIT $2",
                [after?.canonical ?? "", max(limit, 0)]
            ).map(User.init(row:))
        }
    }

    package func users(_ query: UserQuery) throws(StoreError) -> [User] {
        try read { db in
            let (conditions, values) = query.conditions
            return try db.rows(
                """
                \(User.select) WHERE \(conditions.joined(separator: " AND "))
                ORDER BY \(query.order) LIMIT $\(values.count + 1)
                """, values + [max(query.limit, 0)]
            ).map(User.init(row:))
        }
    }

    package func updateUser(_ user: User, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            try db.lock([.groups])
            guard let old = try db.holdUser(user.id) else { return false }
            try db.replace(old, with: user, audit)
            return true
        }
    }

    package func changeUser(
        _ id: UserID, audit: AuditEvent, _ change: (inout User) -> Void
    ) throws(StoreError) -> UserChangeResult {
        try write { db in
            try db.lock([.groups])
            guard let old = try db.holdUser(id) else { return .gone }
            var user = old
            change(&user)
            guard user != old else { return .unchanged(old) }
            return .changed(try db.replace(old, with: user, audit))
        }
    }

    package func deleteUser(_ id: UserID, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            // Challenges, their mails and sessions go with the user: ON DELETE CASCADE.
            guard try db.run("DELETE FROM users WHERE id = $1", [id.text]) > 0 else {
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
                try db.run("DELETE FROM users WHERE id = $1 AND login IS NULL", [id.text]) > 0
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
                    "UPDATE users SET name = $1, modified_at = $2 WHERE id = $3 AND enabled",
                    [name, audit.at, id.text]) > 0
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
        let address = try row.text(1)
        guard let email = EmailAddress(address), email.canonical == address else {
            throw StoreError.unreadable("users")
        }
        var login: LoginName?
        if let text = row.optionalText(2) {
            guard let name = LoginName(text) else { throw StoreError.unreadable("users") }
            login = name
        }
        self.init(
            id: UserID(try row.text(0)), email: email, login: login, name: row.optionalText(3),
            groups: try Self.groups(try row.text(4)), isEnabled: try row.isTrue(5),
            createdAt: try row.time(6), modifiedAt: try row.time(7),
            bounce: try row.optionalTime(8).map {
                Bounce(at: $0, reason: row.optionalText(9) ?? "")
            })
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
    fileprivate var values: [(any Bindable)?] {
        [
            email.canonical, login?.name, name, groupsJSON, isEnabled, createdAt,
            modifiedAt, bounce?.at, bounce?.reason,
        ]
    }

    fileprivate var groupsJSON: String {
        guard !groups.isEmpty, let data = try? JSONEncoder().encode(groups) else { return "[]" }
        return String(decoding: data, as: UTF8.self)
    }
}

extension Transaction {
    /// The user with this id, whom nobody else changes until the end of the transaction.
    func holdUser(_ id: UserID) throws -> User? {
        try row("\(User.select) WHERE id = $1 FOR UPDATE", [id.text]).map(User.init(row:))
    }

    /// Writes what a user, who is held, is from now on, with all that follows from it. The groups
    /// must be locked.
    @discardableResult
    func replace(_ old: User, with new: User, _ audit: AuditEvent) throws -> User {
        var user = new
        user.modifiedAt = audit.at
        let isMoved = user.email != old.email
        if isMoved { user.bounce = nil }
        try run(
            """
            UPDATE users SET email = $1, login = $2, name = $3, group_names = $4, enabled = $5,
                created_at = $6, modified_at = $7, bounced_at = $8, bounce_reason = $9
            WHERE id = $10
            """, user.values + [user.id.text])
        if user.groups != old.groups {
            try run("DELETE FROM group_members WHERE user_id = $1", [user.id.text])
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
    /// back the mails that have not gone. Challenges first: who waits for one of them to mail it
    /// again finds it expired then, and who was before us has queued what is deleted here.
    private func endChallenges(of user: UserID, at now: Timestamp) throws {
        try run(
            """
            UPDATE challenges SET expires_at = least(expires_at, $2), code_hash = ''::bytea,
                sealed_rounds = NULL
            WHERE user_id = $1 AND consumed_at IS NULL
            """, [user.text, now])
        try run(
            """
            DELETE FROM outbox WHERE state = 'queued' AND challenge IN (
                SELECT number FROM challenges WHERE user_id = $1)
            """, [user.text])
        try run(
            """
            UPDATE outbox SET sealed = ''::bytea WHERE challenge IN (
                SELECT number FROM challenges WHERE user_id = $1)
            """, [user.text])
    }
}
