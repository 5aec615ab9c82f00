package import DoorpostCore

extension PostgresStore {
    package func addGroup(_ group: UserGroup, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                """
                INSERT INTO user_groups (name, details, precedence, created_at)
                VALUES ($1, $2, $3, $4)
                """, [group.name, group.details, group.precedence, group.createdAt])
            try db.append(audit)
        }
    }

    package func group(_ name: String) throws(StoreError) -> UserGroup? {
        try read { db in
            try db.row("\(UserGroup.select) WHERE name = $1", [name]).map(UserGroup.init(row:))
        }
    }

    package func groups(after: String?, limit: Int) throws(StoreError) -> [UserGroup] {
        try read { db in
            try db.rows(
                "\(UserGroup.select) WHERE name > $1 ORDER BY name LIMIT $2",
                [after ?? "", max(limit, 0)]
            ).map(UserGroup.init(row:))
        }
    }

    package func removeGroup(_ name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            // So that nobody joins while those who are in it are told.
            try db.lock([.groups])
            try db.run(
                """
                UPDATE users SET modified_at = $2, group_names = group_names - $1::text
                WHERE id IN (SELECT user_id FROM group_members WHERE group_name = $1::text)
                """, [name, audit.at])
            // Who was in it goes with it: ON DELETE CASCADE.
            guard try db.run("DELETE FROM user_groups WHERE name = $1", [name]) > 0 else {
                return false
            }
            try db.append(audit)
            return true
        }
    }

    package func users(inGroup name: String, after: UserID?, limit: Int) throws(StoreError)
        -> [User]
    {
        try read { db in
            try db.rows(
                """
                \(User.select) WHERE id IN (
                    SELECT user_id FROM group_members WHERE group_name = $1 AND user_id > $2
                    ORDER BY user_id LIMIT $3)
                ORDER BY id
                """, [name, after?.text ?? "", max(limit, 0)]
            ).map(User.init(row:))
        }
    }

    package func setMember(
        _ user: UserID, of group: String, to isMember: Bool, audit: AuditEvent
    ) throws(StoreError) -> MembershipResult {
        try write { db in
            try db.lock([.groups])
            guard let old = try db.holdUser(user) else { return .noUser }
            guard try db.row("SELECT 1 FROM user_groups WHERE name = $1", [group]) != nil else {
                return .noGroup
            }
            guard old.groups.contains(group) != isMember else { return .unchanged }
            var new = old
            new.set(isMember, of: group)
            try db.replace(old, with: new, audit)
            return .changed
        }
    }
}

extension Transaction {
    /// Writes down, for each group of a user, that they are in it.
    func putIntoGroups(_ user: User, at now: Timestamp) throws {
        for group in user.groups {
            try run(
                """
                INSERT INTO user_groups (name, created_at) VALUES ($1, $2)
                ON CONFLICT DO NOTHING
                """, [group, now])
            try run(
                """
                INSERT INTO group_members (group_name, user_id) VALUES ($1, $2)
                ON CONFLICT DO NOTHING
                """, [group, user.id.text])
        }
    }
}

extension UserGroup {
    fileprivate static let select =
        "SELECT name, details, precedence, created_at FROM user_groups"

    fileprivate init(row: Row) throws {
        self.init(
            name: try row.text(0), details: row.optionalText(1),
            precedence: try row.optionalCount(2), createdAt: try row.time(3))
    }
}
