/// Whom a trigger is about, and for what program.
package struct TriggerSubject: Hashable, Sendable, Codable {
    /// The user's address, which handlers mail to; of somebody who is not in the pool, what was
    /// typed.
    package var userName: String
    /// `userAttributes`: all text, as Cognito has them. Empty for nobody in the pool.
    package var attributes: [String: String]
    /// Nobody in the pool is meant, or a user who may not sign in (`userNotFound`).
    package var isUnknown: Bool
    /// `callerContext.clientId`: the app client, or the service.
    package var client: String
    /// `clientMetadata`: what the program that asks has to say.
    package var metadata: [String: String]

    package init(
        userName: String, attributes: [String: String] = [:], isUnknown: Bool = false,
        client: String, metadata: [String: String] = [:]
    ) {
        self.userName = userName
        self.attributes = attributes
        self.isUnknown = isUnknown
        self.client = client
        self.metadata = metadata
    }

    /// A user.
    package init(_ user: User, client: String, metadata: [String: String]) {
        self.init(
            userName: user.email.canonical,
            attributes: Self.attributes(
                email: user.email, id: user.id.text, name: user.name, login: user.login?.name),
            client: client, metadata: metadata)
    }

    /// As `AdminGetUser` tells them.
    ///
    /// - Parameter id: nil of somebody who is not a user yet.
    static func attributes(
        email: EmailAddress, id: String?, name: String? = nil, login: String? = nil
    ) -> [String: String] {
        var attributes = ["email": email.canonical]
        if let id {
            attributes["sub"] = id
            attributes["email_verified"] = "true"
            attributes["cognito:user_status"] = "CONFIRMED"
        }
        attributes["name"] = name
        attributes["preferred_username"] = login
        return attributes
    }
}
