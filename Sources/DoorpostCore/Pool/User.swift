/// The identity of a user in the pool: a random UUID in lower case, the `sub` of every token.
package struct UserID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// A user of the pool.
package struct User: Hashable, Sendable {
    package var id: UserID
    /// Where codes are mailed to; unique in the pool.
    package var email: EmailAddress
    /// The Linux account this user signs in to through PAM; unique; set by an administrator only.
    package var login: LoginName?
    /// The person's name for mails and tables.
    package var name: String?
    /// Group names, sorted.
    package var groups: [String]
    /// Whether the user may sign in.
    package var isEnabled: Bool
    package var createdAt: Timestamp
    /// When an administrator or the person changed any of this last; kept by the store.
    package var modifiedAt: Timestamp
    /// Set while mail to the address comes back; no code is mailed there meanwhile.
    package var bounce: Bounce?

    package init(
        id: UserID, email: EmailAddress, login: LoginName? = nil, name: String? = nil,
        groups: [String] = [], isEnabled: Bool = true, createdAt: Timestamp,
        modifiedAt: Timestamp? = nil, bounce: Bounce? = nil
    ) {
        self.id = id
        self.email = email
        self.login = login
        self.name = name
        self.groups = groups
        self.isEnabled = isEnabled
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt ?? createdAt
        self.bounce = bounce
    }
}

/// That a mail to a user came back for good (RFC 3464).
package struct Bounce: Hashable, Sendable {
    package var at: Timestamp
    /// What the other side's mail server said, in one line for the administrator.
    package var reason: String

    package init(at: Timestamp, reason: String) {
        self.at = at
        self.reason = reason
    }
}

/// How somebody names a user.
package enum UserReference: Hashable, Sendable {
    case id(UserID)
    case email(EmailAddress)
    case login(LoginName)
}
