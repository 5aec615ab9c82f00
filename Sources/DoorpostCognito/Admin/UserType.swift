import DoorpostCore

/// `UserType` of the service model.
enum UserType {
    /// Whoever is in the pool has proved an address, or an administrator vouched for it.
    static let status = "CONFIRMED"

    /// - Parameter attributes: only those; nil: all.
    static func value(_ user: User, attributes: [String]? = nil) -> JSONValue {
        .members([
            "Username": .string(user.id.text),
            "Attributes": UserAttributes.list(of: user, names: attributes),
            "UserCreateDate": .time(user.createdAt),
            "UserLastModifiedDate": .time(user.modifiedAt),
            "Enabled": .bool(user.isEnabled),
            "UserStatus": .string(status),
        ])
    }
}

extension JSONValue {
    /// A time as the model has it: seconds since 1970, with a fraction.
    static func time(_ time: Timestamp) -> Self {
        .number("\(Double(time.milliseconds) / 1000)")
    }
}
