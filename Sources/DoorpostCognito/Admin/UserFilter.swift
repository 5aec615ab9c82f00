import DoorpostCore

/// The `Filter` of `ListUsers`: `email = "a@b.c"`, `name ^= "A"`.
enum UserFilter: Hashable, Sendable {
    /// Whom the store finds.
    case query(UserQuery.Field, UserQuery.Match, isEnabled: Bool?)
    /// Asked for an attribute or a state that nobody here has.
    case nobody

    /// - Throws: ``CognitoError``: it is none, or asks for what cannot be searched.
    init(_ text: String) throws(CognitoError) {
        guard let (name, isPrefix, value) = Self.parts(text) else {
            throw .invalidParameter("Error while parsing the filter.")
        }
        func match(_ value: String) -> UserQuery.Match {
            isPrefix ? .prefix(value) : .exactly(value)
        }
        func isState(_ state: String) -> Bool {
            isPrefix ? state.utf8.starts(with: value.utf8) : state.utf8.elementsEqual(value.utf8)
        }
        switch name {
        case "username", "sub": self = .query(.id, match(value), isEnabled: nil)
        // Addresses are kept in lower case, and are nobody's by their case.
        case "email": self = .query(.email, match(value.lowercased()), isEnabled: nil)
        case "name": self = .query(.name, match(value), isEnabled: nil)
        case "preferred_username": self = .query(.login, match(value), isEnabled: nil)
        case "cognito:user_status":
            self = isState(UserType.status) ? .query(.email, .anything, isEnabled: nil) : .nobody
        case "status":
            switch (isState("Enabled"), isState("Disabled")) {
            case (true, true): self = .query(.email, .anything, isEnabled: nil)
            case (true, false): self = .query(.email, .anything, isEnabled: true)
            case (false, true): self = .query(.email, .anything, isEnabled: false)
            case (false, false): self = .nobody
            }
        case "phone_number", "given_name", "family_name": self = .nobody
        default: throw .invalidParameter("Invalid search attribute: \(name)")
        }
    }

    /// The attribute, whether the value is a prefix, and the value.
    private static func parts(_ text: String) -> (String, Bool, String)? {
        var rest = Substring(text).drop { $0 == " " }
        let isQuoted = rest.first == "\""
        if isQuoted { rest.removeFirst() }
        let name = rest.prefix { !" =^\"".contains($0) }
        rest = rest.dropFirst(name.count)
        if isQuoted {
            guard rest.first == "\"" else { return nil }
            rest.removeFirst()
        }
        rest = rest.drop { $0 == " " }
        let isPrefix = rest.first == "^"
        if isPrefix { rest.removeFirst() }
        guard !name.isEmpty, rest.first == "=" else { return nil }
        rest = rest.dropFirst().drop { $0 == " " }
        guard rest.first == "\"" else { return nil }
        rest.removeFirst()
        guard let value = Self.quoted(&rest), rest.allSatisfy({ $0 == " " }) else { return nil }
        return (String(name), isPrefix, value)
    }

    /// What stands before the next quote that has no backslash before it, which is taken, too.
    private static func quoted(_ rest: inout Substring) -> String? {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                value.append(next)
            default: value.append(character)
            }
        }
        return nil
    }
}
