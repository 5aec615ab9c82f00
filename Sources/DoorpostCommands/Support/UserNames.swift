import DoorpostCore

/// The addresses of users by their ids, looked up once each: lists name people, not ids.
final class UserNames {
    private let store: any Store
    private var known: [UserID: String] = [:]
    private var gone: Set<UserID> = []

    init(in store: any Store) {
        self.store = store
    }

    /// The address, or nil for nobody and for somebody who was deleted.
    subscript(id: UserID?) -> String? {
        guard let id, !gone.contains(id) else { return nil }
        if let email = known[id] { return email }
        guard let user = try? store.user(.id(id)) else {
            gone.insert(id)
            return nil
        }
        known[id] = user.email.canonical
        return user.email.canonical
    }

    /// The address, else the id; "" for nobody.
    func text(_ id: UserID?) -> String { self[id] ?? id?.text ?? "" }
}
