package import DoorpostCore

extension MemoryStore {
    package func addGroup(_ group: UserGroup, audit: AuditEvent) throws(StoreError) {
        try transaction { (state) throws(StoreError) in
            guard state.groups[group.name] == nil else {
                throw StoreError(.conflict, "another group has this name already")
            }
            state.groups[group.name] = group
            state.append(audit)
        }
    }

    package func group(_ name: String) throws(StoreError) -> UserGroup? {
        transaction { $0.groups[name] }
    }

    package func groups(after: String?, limit: Int) throws(StoreError) -> [UserGroup] {
        transaction { state in
            let sorted = state.groups.values.sorted {
                $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
            }
            let rest = sorted.filter { group in
                after.map { $0.utf8.lexicographicallyPrecedes(group.name.utf8) } ?? true
            }
            return Array(rest.prefix(max(limit, 0)))
        }
    }

    package func removeGroup(_ name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        transaction { state in
            guard state.groups.removeValue(forKey: name) != nil else { return false }
            for user in state.users.values where user.groups.contains(name) {
                state.users[user.id]?.set(false, of: name)
                state.users[user.id]?.modifiedAt = audit.at
            }
            state.append(audit)
            return true
        }
    }

    package func users(inGroup name: String, after: UserID?, limit: Int) throws(StoreError)
        -> [User]
    {
        transaction { state in
            let members = state.users.values.filter { user in
                user.groups.contains(name) && after.map { $0.text < user.id.text } ?? true
            }
            return Array(members.sorted { $0.id.text < $1.id.text }.prefix(max(limit, 0)))
        }
    }

    package func setMember(
        _ user: UserID, of group: String, to isMember: Bool, audit: AuditEvent
    ) throws(StoreError) -> MembershipResult {
        try transaction { (state) throws(StoreError) in
            guard let old = state.users[user] else { return .noUser }
            guard state.groups[group] != nil else { return .noGroup }
            guard old.groups.contains(group) != isMember else { return .unchanged }
            var new = old
            new.set(isMember, of: group)
            try state.replace(old, with: new, audit)
            return .changed
        }
    }
}
