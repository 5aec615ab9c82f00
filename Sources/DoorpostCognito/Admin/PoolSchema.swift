import DoorpostCore

/// `SchemaAttributes` of the pool: what Doorpost keeps of somebody.
enum PoolSchema {
    static let attributes: [JSONValue] = [
        attribute("sub", isMutable: false, isRequired: true),
        attribute("email", isRequired: true),
        attribute("email_verified", type: "Boolean", isMutable: false),
        attribute("name"),
        attribute("preferred_username", isMutable: false),
    ]

    private static func attribute(
        _ name: String, type: String = "String", isMutable: Bool = true, isRequired: Bool = false
    ) -> JSONValue {
        .object([
            "Name": .string(name), "AttributeDataType": .string(type),
            "Mutable": .bool(isMutable), "Required": .bool(isRequired),
            "DeveloperOnlyAttribute": .bool(false),
        ])
    }
}
