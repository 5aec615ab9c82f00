import DoorpostCore

extension Store {
    /// The user that `who` names: an address if it has an `@`, else a login name, else an id.
    ///
    /// - Throws: ``CommandFailure`` if there is none.
    func user(who: String) throws -> User {
        for reference in references(who) {
            if let user = try user(reference) { return user }
        }
        let shown = VisibleText.escape(who, limit: 80)
        throw CommandFailure.refused(
            "nobody in the pool is called '\(shown)'; 'doorpost user list' shows who is there")
    }

    private func references(_ who: String) -> [UserReference] {
        if who.contains("@") { return EmailAddress(who).map { [.email($0)] } ?? [] }
        return (LoginName(who).map { [.login($0)] } ?? []) + [.id(UserID(who))]
    }

    /// All users, in the order of their addresses.
    func allUsers() throws -> [User] {
        var all: [User] = []
        while true {
            let page = try users(after: all.last?.email, limit: 1000)
            all += page
            if page.count < 1000 { return all }
        }
    }
}
