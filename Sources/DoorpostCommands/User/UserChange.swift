import DoorpostCore

/// Changes one user in the store.
enum UserChange {
    static func apply(
        to who: String, _ config: ConfigOption, _ detail: String, _ change: (inout User) -> Void
    ) throws {
        _ = Administrator.name
        let store = try config.openStore()
        let found = try store.user(who: who)
        let audit = Administrator.audit(.userChanged, user: found.id, detail)
        let result = try explainConflict { () throws(StoreError) in
            try store.changeUser(found.id, audit: audit, change)
        }
        switch result {
        case .changed(let user): try Output.line("\(user.email): \(detail)")
        case .unchanged(let user):
            try Output.line("\(user.email) is so already; nothing was changed")
        case .gone:
            throw CommandFailure.refused("\(found.email) was deleted just now by somebody else")
        }
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
