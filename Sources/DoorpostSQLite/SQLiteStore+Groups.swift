package import DoorpostCore
import GRDB

extension SQLiteStore {
    package func addGroup(_ group: UserGroup, audit: AuditEvent) throws(StoreError) {
        try write { db in
            try db.run(
                """
                INSERT INTO user_groups (name, details, precedence, created_at)
                VALUES (?, ?, ?, ?)
                """, [group.name, group.details, group.precedence, group.createdAt.milliseconds])
            try db.append(audit)
        }
    }

    package func group(_ name: String) throws(StoreError) -> UserGroup? {
        try read { db in
            try db.row("\(UserGroup.select) WHERE name = ?", [name]).map(UserGroup.init(row:))
        }
    }

    package func groups(after: String?, limit: Int) throws(StoreError) -> [UserGroup] {
        try read { db in
            try db.rows(
                "\(UserGroup.select) WHERE name > ? ORDER BY name LIMIT ?",
                [after ?? "", max(limit, 0)]
            ).map(UserGroup.init(row:))
        }
    }

    package func removeGroup(_ name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        try write { db in
            try db.run(
                """
                UPDATE users SET modified_at = ?2, group_names = (
                    SELECT json_group_array(value) FROM json_each(group_names) WHERE value <> ?1)
                WHERE id IN (SELECT user_id FROM group_members WHERE group_name = ?1)
                """, [name, audit.at.milliseconds])
            // Who was in it goes with it: ON DELETE CASCADE.
            guard try db.run("DELETE FROM user_groups WHERE name = ?", [name]) > 0 else {
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
                    SELECT user_id FROM group_members WHERE group_name = ? AND user_id > ?
                    ORDER BY user_id LIMIT ?)
                ORDER BY id
                """, [name, after?.text ?? "", max(limit, 0)]
            ).map(User.init(row:))
        }
    }

    package func setMember(
        _ user: UserID, of group: String, to isMember: Bool, audit: AuditEvent
    ) throws(StoreError) -> MembershipResult {
        try write { db in
            guard let old = try db.user(user) else { return .noUser }
            guard try db.row("SELECT 1 FROM user_groups WHERE name = ?", [group]) != nil else {
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

extension Database {
    /// Writes down, for each group of a user, that they are in it.
    func putIntoGroups(_ user: User, at now: Timestamp) throws {
        for group in user.groups {
            try run(
                """
                INSERT INTO user_groups (name, created_at) VALUES (?, ?)
                ON CONFLICT DO NOTHING
                """, [group, now.milliseconds])
            try run(
                """
                INSERT INTO group_members (group_name, user_id) VALUES (?, ?)
                ON CONFLICT DO NOTHING
                """, [group, user.id.text])
        }
    }
}

extension UserGroup {
    fileprivate static let select =
        "SELECT name, details, precedence, created_at FROM user_groups"

    fileprivate init(row: Row) {
        self.init(name: row[0], details: row[1], precedence: row[2], createdAt: row.time(3))
    }
}
