/// What a trigger changes in tokens about to be signed.
package struct TokenChanges: Hashable, Sendable {
    /// Changes to the claims of one token.
    package struct Claims: Hashable, Sendable {
        package var added: [String: ClaimValue]
        package var suppressed: Set<String>

        package init(added: [String: ClaimValue] = [:], suppressed: Set<String> = []) {
            self.added = added
            self.suppressed = suppressed
        }

        package var isEmpty: Bool { added.isEmpty && suppressed.isEmpty }
    }

    /// Of the id token, and of the token in a session file.
    package var id: Claims
    package var access: Claims
    /// In the place of the user's groups.
    package var groups: [String]?
    /// To add to, and to take from, the scopes of the access token.
    package var scopesAdded: [String]
    package var scopesSuppressed: Set<String>

    package init(
        id: Claims = Claims(), access: Claims = Claims(), groups: [String]? = nil,
        scopesAdded: [String] = [], scopesSuppressed: Set<String> = []
    ) {
        self.id = id
        self.access = access
        self.groups = groups
        self.scopesAdded = scopesAdded
        self.scopesSuppressed = scopesSuppressed
    }

    /// None.
    package static let none = Self()
}

/// The value of a claim: any JSON.
package enum ClaimValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([ClaimValue])
    case object([String: ClaimValue])
}
