/// What a token of ours said that was found good, whichever use it is for.
package enum TokenClaims: Hashable, Sendable {
    case session(SessionClaims)
    case web(WebTokenClaims)

    /// The login session that it belongs to.
    package var session: String {
        switch self {
        case .session(let claims): claims.session
        case .web(let claims): claims.session
        }
    }

    /// Why a token with these claims is good no more, though nothing is wrong with itself; nil if it
    /// is.
    ///
    /// - Parameter session: the one with the id ``session``, if the store has it.
    package func fault(of session: LoginSession?) -> String? {
        guard let session else { return "the store knows no session \(self.session)" }
        return session.revokedAt.map { "the session was revoked at \(UTCTime($0).isoText)" }
    }
}

/// What an id or access token said that was found good.
package struct WebTokenClaims: Hashable, Sendable, Codable {
    package var user: String
    package var session: String
    package var tokenID: String
    package var groups: [String]
    package var authenticatedAt: Int64
    package var issuedAt: Int64
    package var expiresAt: Int64
    /// What an id token says beyond that; nil for an access token.
    package var identity: Identity?

    package init(
        user: String, session: String, tokenID: String, groups: [String], authenticatedAt: Int64,
        issuedAt: Int64, expiresAt: Int64, identity: Identity?
    ) {
        self.user = user
        self.session = session
        self.tokenID = tokenID
        self.groups = groups
        self.authenticatedAt = authenticatedAt
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.identity = identity
    }

    /// Who somebody is, and whom an id token tells it.
    package struct Identity: Hashable, Sendable, Codable {
        package var audience: String
        package var email: String
        package var name: String?
        package var login: String?

        package init(audience: String, email: String, name: String?, login: String?) {
            self.audience = audience
            self.email = email
            self.name = name
            self.login = login
        }
    }
}
