import DoorpostCore

/// A user as the service model shows one: a list of names and values.
///
/// What Doorpost keeps of somebody is less than a Cognito pool may: the address, a name, and the
/// Linux login name, as `preferred_username`.
enum UserAttributes {
    /// Those that a user may be given by a program.
    private static let writable = ["email", "name"]
    /// Those that are kept by the pool, or by its administrators.
    private static let unauthorized = ["email_verified", "preferred_username"]

    /// `UserAttributes`, and `Attributes` of a `UserType`.
    ///
    /// - Parameter names: only those; nil: all.
    static func list(of user: User, names: [String]? = nil) -> JSONValue {
        let all: [(name: String, value: String?)] = [
            ("sub", user.id.text),
            ("email", user.email.canonical),
            // Every sign-in proves the address, and nobody but an administrator may change it.
            ("email_verified", "true"),
            ("name", user.name),
            ("preferred_username", user.login?.name),
        ]
        return .list(
            all.compactMap { attribute in
                guard let value = attribute.value, names?.contains(attribute.name) ?? true else {
                    return nil
                }
                return .texts(["Name": attribute.name, "Value": value])
            })
    }

    /// What a request says that a user's attributes shall be; the last of several counts, and ""
    /// or no value takes one away.
    ///
    /// - Throws: ``CognitoError``: one that a pool of Doorpost's does not have, or that programs
    ///   may not write.
    static func read(_ attributes: [Input]) throws(CognitoError) -> [String: String] {
        var values: [String: String] = [:]
        for attribute in attributes {
            let name = attribute.required("Name")
            if name == "sub" {
                throw .invalidParameter("user.sub: Attribute cannot be updated.")
            }
            if unauthorized.contains(name) { throw .unauthorizedAttribute(name) }
            guard writable.contains(name) else {
                throw .invalidParameter(
                    "Attributes did not conform to the schema: user.\(name): "
                        + "Attribute does not exist in the schema.")
            }
            values[name] = attribute.text("Value") ?? ""
        }
        return values
    }

    /// A person's name as a user keeps it: "" is none.
    ///
    /// - Throws: ``CognitoError``: it is more than 100 characters, or one of them is a control
    ///   character, as for administrators.
    static func name(_ text: String) throws(CognitoError) -> String? {
        let isPlain = text.unicodeScalars.allSatisfy {
            ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
                $0.properties.generalCategory)
        }
        guard isPlain, text.count <= 100, text.utf8.count <= 400 else {
            throw .invalidParameter(
                "Attributes did not conform to the schema: user.name: a name is at most 100 "
                    + "characters, none of them a control character")
        }
        return text.isEmpty ? nil : text
    }
}
