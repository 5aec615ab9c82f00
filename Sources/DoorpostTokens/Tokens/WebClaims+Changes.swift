internal import DoorpostCore

extension WebClaims {
    /// The claims of ours as a trigger changed them: groups, and a name that is suppressed or
    /// replaced. All others of ours are reserved.
    ///
    /// - Throws: ``TokenError``: a group or scope that may not be called so.
    func changed() throws(TokenError) -> Self {
        if changes == .none { return self }
        var changed = self
        if let groups = changes.groups {
            guard groups.allSatisfy(UserGroup.isName) else {
                throw TokenError(
                    .invalid, "a group is to be in the token that may not be called so")
            }
            changed.groups = groups
        }
        guard changes.scopesAdded.allSatisfy(TokenScope.isName) else {
            throw TokenError(.invalid, "a scope is to be in the token that may not be called so")
        }
        if changes.id.added["name"] != nil || changes.id.suppressed.contains("name") {
            changed.name = nil
        }
        return changed
    }
}

/// `scope` of the access tokens that app clients get: names with blanks between them.
enum TokenScope {
    /// What Cognito gives to whoever signed in through its API: the user's own account.
    static let ownAccount = WebClaims.Client.scope

    /// With what a trigger changes; nil if no scope is left, since an empty one is none.
    static func text(_ changes: TokenChanges) -> String? {
        if changes.scopesAdded.isEmpty && changes.scopesSuppressed.isEmpty { return ownAccount }
        var scopes: [String] = []
        for scope in [ownAccount] + changes.scopesAdded
        where !changes.scopesSuppressed.contains(scope) && !scopes.contains(scope) {
            scopes.append(scope)
        }
        return scopes.isEmpty ? nil : scopes.joined(separator: " ")
    }

    /// Whether a token with this `scope` reaches the user's own account.
    static func reachesOwnAccount(_ scope: String?) -> Bool {
        let own = ownAccount.utf8
        return scope?.utf8.split(separator: UInt8(ascii: " ")).contains { $0.elementsEqual(own) }
            ?? false
    }

    /// RFC 6749, 3.3: visible ASCII but `"` and `\`.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && !#""\"#.utf8.contains($0) }
    }
}
