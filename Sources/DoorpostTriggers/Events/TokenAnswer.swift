import DoorpostCore

/// What the answer of ``TriggerPoint/preTokenGeneration`` changes, and what it may not.
struct TokenAnswer {
    typealias Wrong = TriggerResponse.Wrong

    private(set) var changes = TokenChanges.none
    /// Claims and scopes that were left out, since no trigger may touch them.
    private(set) var leftOut: Set<String> = []

    /// - Parameter version: of the event: 1 changes the id token alone.
    init(_ response: TriggerResponse, version: Int) throws(Wrong) {
        guard version == 2 else {
            guard let details = try response.part("claimsOverrideDetails") else { return }
            changes.id = try claims(details, isPlain: true)
            changes.groups = try Self.groups(details)
            return
        }
        guard let details = try response.part("claimsAndScopeOverrideDetails") else { return }
        if let id = try details.part("idTokenGeneration") {
            changes.id = try claims(id, isPlain: false)
        }
        if let access = try details.part("accessTokenGeneration") {
            changes.access = try claims(access, isPlain: false)
            changes.scopesAdded = try scopes(access.list("scopesToAdd") ?? [])
            changes.scopesSuppressed = Set(try access.list("scopesToSuppress") ?? [])
        }
        changes.groups = try Self.groups(details)
    }

    /// - Parameter isPlain: claims are text and nothing else.
    private mutating func claims(_ part: TriggerResponse, isPlain: Bool) throws(Wrong)
        -> TokenChanges.Claims
    {
        var claims = TokenChanges.Claims()
        for (name, value) in try part.object("claimsToAddOrOverride") {
            if case .string = value {
            } else if isPlain {
                throw Wrong(text: "a claim of claimsToAddOrOverride is not text")
            }
            let claim = try ClaimValue(value)
            if allows(name) { claims.added[name] = claim }
        }
        for name in try part.list("claimsToSuppress") ?? [] where allows(name) {
            claims.suppressed.insert(name)
        }
        return claims
    }

    private mutating func allows(_ claim: String) -> Bool {
        guard !claim.isEmpty, !ReservedClaims.contains(claim) else {
            leftOut.insert(claim)
            return false
        }
        return true
    }

    /// A scope is a word of RFC 6749; those of AWS's own say what a token may do with the pool.
    private mutating func scopes(_ scopes: [String]) throws(Wrong) -> [String] {
        for scope in scopes {
            let isWord = scope.utf8.allSatisfy {
                (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
            guard isWord, (1...256).contains(scope.utf8.count) else {
                throw Wrong(text: "scopesToAdd holds what is not a scope")
            }
        }
        let (own, reserved) = (
            scopes.filter { !$0.hasPrefix("aws.cognito.") },
            scopes.filter { $0.hasPrefix("aws.cognito.") }
        )
        leftOut.formUnion(reserved)
        return own
    }

    /// As at AWS: an object without groups takes all of them away.
    private static func groups(_ details: TriggerResponse) throws(Wrong) -> [String]? {
        guard let part = try details.part("groupOverrideDetails") else { return nil }
        let groups = try part.list("groupsToOverride") ?? []
        guard groups.allSatisfy({ (1...128).contains($0.utf8.count) }) else {
            throw Wrong(text: "groupsToOverride holds what is not the name of a group")
        }
        return groups
    }
}

extension ClaimValue {
    fileprivate init(_ value: JSONValue) throws(TriggerResponse.Wrong) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .boolean(flag)
        case .string(let text): self = .text(text)
        case .number(let text):
            if let integer = Int64(text) {
                self = .integer(integer)
            } else if let number = Double(text) {
                self = .number(number)
            } else {
                throw .init(text: "a claim is not a number")
            }
        case .list(let items):
            var values: [ClaimValue] = []
            for item in items { values.append(try ClaimValue(item)) }
            self = .list(values)
        case .object(let members):
            var values: [String: ClaimValue] = [:]
            for (name, value) in members { values[name] = try ClaimValue(value) }
            self = .object(values)
        }
    }
}
