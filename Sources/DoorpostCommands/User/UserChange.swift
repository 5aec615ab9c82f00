import DoorpostCore

/// Changes one user in the store.
enum UserChange {
    static func apply(
        to who: String, _ config: ConfigOption, _ detail: String, _ change: (inout User) -> Void
    ) throws {
        _ = Administrator.name
        let store = try config.openStore()
        let old = try store.user(who: who)
        var user = old
        change(&user)
        guard user != old else {
            return try Output.line("\(user.email) is so already; nothing was changed")
        }
        let audit = Administrator.audit(.userChanged, user: user.id, detail)
        let isThere = try explainConflict { () throws(StoreError) in
            try store.updateUser(user, audit: audit)
        }
        guard isThere else {
            throw CommandFailure.refused("\(old.email) was deleted just now by somebody else")
        }
        try Output.line("\(user.email): \(detail)")
    }

    /// Says what to do about an address or a login name that somebody else has.
    static func explainConflict<T>(_ body: () throws(StoreError) -> T) throws -> T {
        do {
            return try body()
        } catch {
            guard error.code == .conflict else { throw error }
            throw CommandFailure.refused(
                "\(error.detail); 'doorpost user list' shows who has it, 'doorpost user set' "
                    + "changes it")
        }
    }
}
