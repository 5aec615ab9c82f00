internal import DoorpostCore
internal import JWTKit

/// The claims of a session token as they stand in the JSON (CONTRACT.md §5).
struct SessionPayload: JWTPayload {
    var iss: String
    var sub: String
    var aud: String
    var exp: Int64
    var iat: Int64
    var auth_time: Int64
    var jti: String
    var amr: [String]
    var email: String
    var preferred_username: String
    var host: String
    var service: String
    var rhost: String
    var tty: String
    var token_use: String

    /// What tells a session token from an id or access token of the same keys.
    static let use = "session"

    init(_ claims: SessionClaims, issuer: String) {
        iss = issuer
        sub = claims.user
        aud = claims.audience
        exp = claims.expiresAt
        iat = claims.issuedAt
        auth_time = claims.issuedAt
        jti = claims.session
        amr = ["otp"]
        email = claims.email
        preferred_username = claims.login
        host = claims.host
        service = claims.service
        rhost = claims.rhost
        tty = claims.tty
        token_use = Self.use
    }

    /// JWTKit asks this after a signature was checked. Nothing is checked here, where there is no
    /// clock but the machine's: `SessionRules` does it with the time it is given.
    func verify(using algorithm: some JWTAlgorithm) {}

    var claims: SessionClaims {
        SessionClaims(
            user: sub, audience: aud, session: jti, email: email, login: preferred_username,
            host: host, service: service, rhost: rhost, tty: tty, issuedAt: iat, expiresAt: exp)
    }
}
