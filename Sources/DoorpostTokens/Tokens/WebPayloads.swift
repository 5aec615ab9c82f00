internal import DoorpostCore
internal import JWTKit

/// The claims of the id token of a web session as they stand in the JSON.
struct IDPayload: JWTPayload {
    var iss: String
    var sub: String
    var aud: String
    var exp: Int64
    var iat: Int64
    var auth_time: Int64
    var jti: String
    var sid: String
    var amr: [String]
    var email: String
    /// Always true: the code was mailed there and came back.
    var email_verified: Bool
    var name: PersonName?
    var preferred_username: String?
    var groups: [String]?
    var token_use: String

    static let use = "id"

    init(_ claims: WebClaims, issuer: String) {
        iss = issuer
        sub = claims.user
        aud = claims.audience
        exp = claims.idExpiresAt
        iat = claims.issuedAt
        auth_time = claims.authenticatedAt
        jti = claims.idTokenID
        sid = claims.session
        amr = ["otp"]
        email = claims.email
        email_verified = true
        name = claims.name.map(PersonName.init)
        preferred_username = claims.login
        groups = claims.groups.isEmpty ? nil : claims.groups
        token_use = Self.use
    }

    /// As in ``SessionPayload/verify(using:)``.
    func verify(using algorithm: some JWTAlgorithm) {}

    var claims: WebTokenClaims {
        WebTokenClaims(
            user: sub, session: sid, tokenID: jti, groups: groups ?? [],
            authenticatedAt: auth_time, issuedAt: iat, expiresAt: exp,
            identity: .init(
                audience: aud, email: email, name: name?.text, login: preferred_username))
    }
}

/// The claims of the access token of a web session.
///
/// It names no `aud`, as Cognito's: it is for whoever asks this issuer about it, and `token_use`
/// tells it from the other tokens of the same keys.
struct AccessPayload: JWTPayload {
    var iss: String
    var sub: String
    var exp: Int64
    var iat: Int64
    var auth_time: Int64
    var jti: String
    var sid: String
    var amr: [String]
    var groups: [String]?
    var token_use: String

    static let use = "access"

    init(_ claims: WebClaims, issuer: String) {
        iss = issuer
        sub = claims.user
        exp = claims.accessExpiresAt
        iat = claims.issuedAt
        auth_time = claims.authenticatedAt
        jti = claims.accessTokenID
        sid = claims.session
        amr = ["otp"]
        groups = claims.groups.isEmpty ? nil : claims.groups
        token_use = Self.use
    }

    /// As in ``SessionPayload/verify(using:)``.
    func verify(using algorithm: some JWTAlgorithm) {}

    var claims: WebTokenClaims {
        WebTokenClaims(
            user: sub, session: sid, tokenID: jti, groups: groups ?? [],
            authenticatedAt: auth_time, issuedAt: iat, expiresAt: exp, identity: nil)
    }
}
