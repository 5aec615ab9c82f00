/// Signs the tokens of login sessions, and checks them.
package protocol TokenIssuer: Sendable {
    /// A signed JWT with these claims, plus `iss` and `exp`, `iat` as they say.
    ///
    /// - Parameter changes: what a trigger changes in it; reserved claims stay as they are
    ///   (``ReservedClaims``).
    func issue(_ claims: SessionClaims, changes: TokenChanges.Claims) async throws(TokenError)
        -> String

    /// Checks signature, issuer, times, use and audience of a session token.
    ///
    /// - Parameter audience: the audience that must be named; nil accepts any.
    func verify(_ token: String, audience: String?, now: Timestamp) async throws(TokenError)
        -> SessionClaims

    /// The signed id and access token of a web session: with a client, those of the user pool
    /// with Cognito's claims.
    func issue(_ claims: WebClaims) async throws(TokenError) -> WebTokens

    /// The key set (RFC 7517) as relying parties fetch it: public keys only.
    func jwks(now: Timestamp) async throws(TokenError) -> [UInt8]

    /// Reads the key that signs now, so that the next token need not, and to know that one can.
    func prepare(at now: Timestamp) async throws(TokenError)

    /// Checks a token of any use by the rules of that use: for people who look at one. Whoever
    /// lets somebody in by a token asks for the use that is meant.
    ///
    /// - Parameter audience: the audience that must be named, which an access token never does;
    ///   nil accepts any.
    func claims(of token: String, audience: String?, now: Timestamp)
        async throws(TokenError) -> TokenClaims

    /// Checks signature, issuer, times and use of an access token.
    func verifyAccess(_ token: String, now: Timestamp) async throws(TokenError) -> AccessClaims

    /// Checks an access token of the user pool: one that an app client was given.
    func verifyPoolAccess(_ token: String, now: Timestamp) async throws(TokenError) -> AccessClaims
}

extension TokenIssuer {
    /// As ``issue(_:changes:)``, with nothing changed.
    package func issue(_ claims: SessionClaims) async throws(TokenError) -> String {
        try await issue(claims, changes: TokenChanges.Claims())
    }
}

/// What the token of a PAM login session says (CONTRACT.md §5).
package struct SessionClaims: Hashable, Sendable, Codable {
    /// `sub`
    package var user: String
    /// `aud`: `host:<hostname>`
    package var audience: String
    /// `jti`
    package var session: String
    /// `email`
    package var email: String
    /// `preferred_username`: the Linux login name
    package var login: String
    package var host: String
    package var service: String
    package var rhost: String
    package var tty: String
    /// `iat` and `auth_time`: seconds since 1970
    package var issuedAt: Int64
    /// `exp`: seconds since 1970
    package var expiresAt: Int64

    package init(
        user: String, audience: String, session: String, email: String, login: String,
        host: String, service: String, rhost: String, tty: String, issuedAt: Int64,
        expiresAt: Int64
    ) {
        self.user = user
        self.audience = audience
        self.session = session
        self.email = email
        self.login = login
        self.host = host
        self.service = service
        self.rhost = rhost
        self.tty = tty
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}
