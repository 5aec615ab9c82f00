/// A group of the pool: what applications may ask of a token's `cognito:groups`.
package struct UserGroup: Hashable, Sendable {
    /// Unique in the pool.
    package var name: String
    /// For administrators.
    package var details: String?
    /// For programs that need one group of several; kept, and used for nothing here.
    package var precedence: Int?
    package var createdAt: Timestamp

    package init(
        name: String, details: String? = nil, precedence: Int? = nil, createdAt: Timestamp
    ) {
        self.name = name
        self.details = details
        self.precedence = precedence
        self.createdAt = createdAt
    }

    /// Whether a group may be called so: 1 to 64 letters, digits, `_`, `.`, `-`. Programs join
    /// names with commas and blanks, and put them into headers.
    package static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || "_.-".utf8.contains(byte)
            }
    }
}

extension User {
    /// Puts the user into a group, or takes them out.
    package mutating func set(_ isMember: Bool, of group: String) {
        groups = (groups.filter { $0 != group } + (isMember ? [group] : [])).sorted()
    }
}
