/// Which users are wanted, in the order of one of their names.
package struct UserQuery: Hashable, Sendable {
    /// What they are looked up and ordered by; whoever lacks it is not found.
    package enum Field: Hashable, Sendable {
        case id, email, login, name
    }

    package enum Match: Hashable, Sendable {
        case anything
        case exactly(String)
        case prefix(String)
    }

    /// Where a page ended.
    package struct Position: Hashable, Sendable {
        /// The field of the page's last user.
        package var text: String
        package var id: UserID

        package init(text: String, id: UserID) {
            self.text = text
            self.id = id
        }
    }

    package var field: Field
    package var match: Match
    /// Only who may sign in, or who may not; nil: both.
    package var isEnabled: Bool?
    /// Only users behind this one.
    package var after: Position?
    package var limit: Int

    package init(
        by field: Field = .email, _ match: Match = .anything, isEnabled: Bool? = nil,
        after: Position? = nil, limit: Int
    ) {
        self.field = field
        self.match = match
        self.isEnabled = isEnabled
        self.after = after
        self.limit = limit
    }

    /// Where a page ends that ends with this user.
    package func position(of user: User) -> Position {
        Position(text: text(of: user) ?? "", id: user.id)
    }

    /// What the user is ordered by.
    package func text(of user: User) -> String? {
        switch field {
        case .id: user.id.text
        case .email: user.email.canonical
        case .login: user.login?.name
        case .name: user.name
        }
    }
}
