internal import DoorpostCore
internal import JWTKit

/// The claims of the id token that an app client gets: Cognito's, by Cognito's names.
struct PoolIDPayload: JWTPayload {
    var iss: String
    var sub: String
    var aud: String
    var exp: Int64
    var iat: Int64
    var auth_time: Int64
    var jti: String
    var origin_jti: String
    var event_id: String
    var token_use: String
    var username: String
    var groups: [String]?
    var email: String
    /// Always true: the code was mailed there and came back.
    var email_verified: Bool
    var name: PersonName?
    var preferred_username: String?

    enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, iat, auth_time, jti, origin_jti, event_id, token_use, email
        case email_verified, name, preferred_username
        case username = "cognito:username"
        case groups = "cognito:groups"
    }

    init(_ claims: WebClaims, _ client: WebClaims.Client, issuer: String) {
        iss = issuer
        sub = claims.user
        aud = client.id
        exp = claims.idExpiresAt
        iat = claims.issuedAt
        auth_time = claims.authenticatedAt
        jti = claims.idTokenID
        origin_jti = claims.session
        event_id = client.event
        token_use = IDPayload.use
        // As in pools whose users sign in by their address: the user name is the sub.
        username = claims.user
        groups = claims.groups.isEmpty ? nil : claims.groups
        email = claims.email
        email_verified = true
        name = claims.name.map(PersonName.init)
        preferred_username = claims.login
    }

    /// As in ``SessionPayload/verify(using:)``.
    func verify(using algorithm: some JWTAlgorithm) {}

    var claims: WebTokenClaims {
        WebTokenClaims(
            user: sub, session: origin_jti, tokenID: jti, groups: groups ?? [],
            authenticatedAt: auth_time, issuedAt: iat, expiresAt: exp,
            identity: .init(
                audience: aud, email: email, name: name?.text, login: preferred_username))
    }
}

/// The claims of the access token that an app client gets. It names no `aud`, as Cognito's.
struct PoolAccessPayload: JWTPayload {
    var iss: String
    var sub: String
    var client_id: String
    var exp: Int64
    var iat: Int64
    var auth_time: Int64
    var jti: String
    var origin_jti: String
    var event_id: String
    var token_use: String
    /// nil: a trigger took them all.
    var scope: String?
    var username: String
    var groups: [String]?

    enum CodingKeys: String, CodingKey {
        case iss, sub, client_id, exp, iat, auth_time, jti, origin_jti, event_id, token_use
        case scope, username
        case groups = "cognito:groups"
    }

    init(_ claims: WebClaims, _ client: WebClaims.Client, issuer: String) {
        iss = issuer
        sub = claims.user
        client_id = client.id
        exp = claims.accessExpiresAt
        iat = claims.issuedAt
        auth_time = claims.authenticatedAt
        jti = claims.accessTokenID
        origin_jti = claims.session
        event_id = client.event
        token_use = AccessPayload.use
        scope = TokenScope.text(claims.changes)
        username = claims.user
        groups = claims.groups.isEmpty ? nil : claims.groups
    }

    /// As in ``SessionPayload/verify(using:)``.
    func verify(using algorithm: some JWTAlgorithm) {}

    var claims: WebTokenClaims {
        WebTokenClaims(
            user: sub, session: origin_jti, tokenID: jti, groups: groups ?? [],
            authenticatedAt: auth_time, issuedAt: iat, expiresAt: exp, identity: nil)
    }
}
