/// What the id and access tokens of a web session say.
package struct WebClaims: Hashable, Sendable {
    /// `sub`
    package var user: String
    /// `sid`: the login session
    package var session: String
    /// Whose tokens they are; nil for those of this Doorpost's own API.
    package var client: Client?
    /// `aud` of the id token
    package var audience: String
    package var email: String
    package var name: String?
    /// `preferred_username`: the Linux login name, if there is one
    package var login: String?
    package var groups: [String]
    /// `jti` of the two
    package var idTokenID: String
    package var accessTokenID: String
    /// `auth_time`: when the code was entered, in seconds since 1970
    package var authenticatedAt: Int64
    /// `iat`
    package var issuedAt: Int64
    /// `exp` of the two
    package var idExpiresAt: Int64
    package var accessExpiresAt: Int64
    /// What a trigger changes in the two; reserved claims stay as they are (``ReservedClaims``).
    package var changes: TokenChanges

    package init(
        user: String, session: String, client: Client? = nil, audience: String, email: String,
        name: String?,
        login: String?, groups: [String], idTokenID: String, accessTokenID: String,
        authenticatedAt: Int64, issuedAt: Int64, idExpiresAt: Int64, accessExpiresAt: Int64,
        changes: TokenChanges = .none
    ) {
        self.user = user
        self.session = session
        self.client = client
        self.audience = audience
        self.email = email
        self.name = name
        self.login = login
        self.groups = groups
        self.idTokenID = idTokenID
        self.accessTokenID = accessTokenID
        self.authenticatedAt = authenticatedAt
        self.issuedAt = issuedAt
        self.idExpiresAt = idExpiresAt
        self.accessExpiresAt = accessExpiresAt
        self.changes = changes
    }

    /// The app client that tokens of the user pool are for.
    package struct Client: Hashable, Sendable {
        /// `client_id`, and `aud` of the id token
        package var id: String
        /// `scope` of the access token: the user's own account, as Cognito calls it where nobody
        /// asked for another.
        package static let scope = "aws.cognito.signin.user.admin"

        /// `event_id` of the sign-in or refresh that made them
        package var event: String

        package init(id: String, event: String) {
            self.id = id
            self.event = event
        }
    }
}

/// The signed tokens of one ``WebClaims``.
package struct WebTokens: Hashable, Sendable {
    package var id: String
    package var access: String

    package init(id: String, access: String) {
        self.id = id
        self.access = access
    }
}

/// What an access token said that was found good.
package struct AccessClaims: Hashable, Sendable {
    package var user: String
    package var session: String
    /// The app client it was made for; nil for this Doorpost's own API.
    package var client: String?
    package var authenticatedAt: Int64
    package var issuedAt: Int64
    package var expiresAt: Int64

    package init(
        user: String, session: String, client: String? = nil, authenticatedAt: Int64,
        issuedAt: Int64, expiresAt: Int64
    ) {
        self.user = user
        self.session = session
        self.client = client
        self.authenticatedAt = authenticatedAt
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}
