package import DoorpostCore

extension MemoryStore {
    package func addUser(_ user: User, audit: AuditEvent) throws(StoreError) {
        try transaction { (state) throws(StoreError) in
            if state.users[user.id] != nil {
                throw StoreError(.conflict, "another user has this id already")
            }
            try state.checkUnique(user)
            state.users[user.id] = user
            state.makeGroups(of: user, at: audit.at)
            state.append(audit)
        }
    }

    package func user(_ reference: UserReference) throws(StoreError) -> User? {
        transaction { state in
            switch reference {
            case .id(let id): state.users[id]
            case .email(let email): state.users.values.first { $0.email == email }
            case .login(let login): state.users.values.first { $0.login == login }
            }
        }
    }

    package func users(after: EmailAddress?, limit: Int) throws(StoreError) -> [User] {
        transaction { state in
            let sorted = state.users.values.sorted { $0.email.canonical < $1.email.canonical }
            let rest = sorted.filter { user in
                after.map { user.email.canonical > $0.canonical } ?? true
            }
            return Array(rest.prefix(max(limit, 0)))
        }
    }

    package func users(_ query: UserQuery) throws(StoreError) -> [User] {
        transaction { state in
            let found = state.users.values.filter { user in
                guard let text = query.text(of: user) else { return false }
                let isMatch =
                    switch query.match {
                    case .anything: true
                    case .exactly(let wanted): text.utf8.elementsEqual(wanted.utf8)
                    case .prefix(let wanted): text.utf8.starts(with: wanted.utf8)
                    }
                return isMatch && query.isEnabled.map { $0 == user.isEnabled } ?? true
            }
            .map { (query.position(of: $0), $0) }
            .sorted { $0.0.comesBefore($1.0) }
            .filter { query.after?.comesBefore($0.0) ?? true }
            return found.prefix(max(query.limit, 0)).map(\.1)
        }
    }

    package func updateUser(_ user: User, audit: AuditEvent) throws(StoreError) -> Bool {
        try transaction { (state) throws(StoreError) in
            guard let old = state.users[user.id] else { return false }
            try state.replace(old, with: user, audit)
            return true
        }
    }

    package func changeUser(
        _ id: UserID, audit: AuditEvent, _ change: (inout User) -> Void
    ) throws(StoreError) -> UserChangeResult {
        try transaction { (state) throws(StoreError) in
            guard let old = state.users[id] else { return .gone }
            var user = old
            change(&user)
            guard user != old else { return .unchanged(old) }
            return .changed(try state.replace(old, with: user, audit))
        }
    }

    package func deleteUser(_ id: UserID, audit: AuditEvent) throws(StoreError) -> Bool {
        transaction { $0.delete(id, audit) }
    }

    package func deleteUserWithoutLogin(_ id: UserID, audit: AuditEvent) throws(StoreError)
        -> Bool
    {
        transaction { state in
            state.users[id]?.login == nil && state.delete(id, audit)
        }
    }

    package func setName(_ name: String?, of id: UserID, audit: AuditEvent) throws(StoreError)
        -> Bool
    {
        transaction { state in
            guard state.users[id]?.isEnabled == true else { return false }
            state.users[id]?.name = name
            state.users[id]?.modifiedAt = audit.at
            state.append(audit)
            return true
        }
    }
}

extension UserQuery.Position {
    fileprivate func comesBefore(_ other: Self) -> Bool {
        text.utf8.elementsEqual(other.text.utf8)
            ? id.text < other.id.text : text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }
}

extension MemoryStore.State {
    /// Writes what a user is from now on, with all that follows from it.
    @discardableResult
    mutating func replace(_ old: User, with new: User, _ audit: AuditEvent) throws(StoreError)
        -> User
    {
        var user = new
        try checkUnique(user)
        user.modifiedAt = audit.at
        if user.email != old.email { user.bounce = nil }
        users[user.id] = user
        makeGroups(of: user, at: audit.at)
        if !user.isEnabled || user.email != old.email {
            endChallenges(of: user.id, at: audit.at)
            revokeSessions(of: user.id, at: audit.at)
        }
        append(audit)
        return user
    }

    fileprivate mutating func makeGroups(of user: User, at now: Timestamp) {
        for name in user.groups where groups[name] == nil {
            groups[name] = UserGroup(name: name, createdAt: now)
        }
    }

    fileprivate mutating func delete(_ id: UserID, _ audit: AuditEvent) -> Bool {
        guard users.removeValue(forKey: id) != nil else { return false }
        challenges.removeAll { $0.user == id }
        sessions.removeAll { $0.user == id }
        append(audit)
        return true
    }

    fileprivate func checkUnique(_ user: User) throws(StoreError) {
        for other in users.values where other.id != user.id {
            if other.email == user.email {
                throw StoreError(.conflict, "another user has this address already")
            }
            if let login = user.login, other.login == login {
                throw StoreError(.conflict, "another user has this login name already")
            }
        }
    }

    fileprivate mutating func endChallenges(of user: UserID, at now: Timestamp) {
        for index in challenges.indices where challenges[index].user == user {
            challenges[index].erase()
            if !challenges[index].isConsumed {
                challenges[index].expiresAt = min(challenges[index].expiresAt, now)
            }
        }
    }

    /// Revokes the live sessions of a user and returns how many there were.
    @discardableResult
    mutating func revokeSessions(of user: UserID, at now: Timestamp) -> Int {
        var revoked = 0
        for index in sessions.indices
        where sessions[index].user == user && sessions[index].isLive(at: now) {
            sessions[index].revokedAt = now
            revoked += 1
        }
        return revoked
    }
}
