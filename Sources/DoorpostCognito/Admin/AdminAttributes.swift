import DoorpostCore

/// What an administrator's program says that a user's attributes shall be.
struct AdminAttributes {
    /// nil: nothing was said.
    var email: EmailAddress?
    /// nil: nothing was said; some nil: no name any more.
    var name: String??

    /// - Throws: ``CognitoError``: one that a pool of ours does not have, or that nobody may write.
    init(_ attributes: [Input]) throws(CognitoError) {
        // Addresses count as verified here: a code is mailed there at every sign-in. Programs say
        // so beside the address, as Cognito wants it.
        let isVerified = attributes.filter { $0.required("Name") == "email_verified" }
        guard isVerified.allSatisfy({ $0.text("Value")?.lowercased() == "true" }) else {
            throw .invalidParameter(
                "user.email_verified: every address of the pool is verified by each sign-in.")
        }
        let values = try UserAttributes.read(
            attributes.filter { $0.required("Name") != "email_verified" })
        if let text = values["email"] {
            guard let address = EmailAddress(text) else { throw Self.badAddress }
            email = address
        }
        if let text = values["name"] { name = .some(try UserAttributes.name(text)) }
    }

    static let badAddress = CognitoError.invalidParameter("Invalid email address format.")

    /// For the audit trail.
    var text: String {
        let names = [email == nil ? nil : "email", name == nil ? nil : "name"]
        return "set \(names.compactMap(\.self).joined(separator: ", "))"
    }

    /// Whether the user is to have another address.
    func moves(_ user: User) -> Bool { email != nil && email != user.email }

    func apply(to user: inout User) {
        if let email { user.email = email }
        if let name { user.name = name }
    }
}
