import DoorpostCore

/// The claims of a token, as they stand in it.
enum TokenText {
    static func json(_ claims: TokenClaims, issuer: String) -> JSON {
        var members: [String: JSON]
        switch claims {
        case .session(let claims): members = session(claims)
        case .web(let claims): members = web(claims)
        }
        members["iss"] = .string(issuer)
        members["amr"] = .list([.string("otp")])
        return .object(members)
    }

    private static func session(_ claims: SessionClaims) -> [String: JSON] {
        [
            "sub": .string(claims.user), "aud": .string(claims.audience),
            "jti": .string(claims.session), "iat": .number(Int(claims.issuedAt)),
            "auth_time": .number(Int(claims.issuedAt)), "exp": .number(Int(claims.expiresAt)),
            "email": .string(claims.email), "preferred_username": .string(claims.login),
            "host": .string(claims.host), "service": .string(claims.service),
            "rhost": .string(claims.rhost), "tty": .string(claims.tty),
            "token_use": .string("session"),
        ]
    }

    private static func web(_ claims: WebTokenClaims) -> [String: JSON] {
        var members: [String: JSON] = [
            "sub": .string(claims.user), "sid": .string(claims.session),
            "jti": .string(claims.tokenID), "iat": .number(Int(claims.issuedAt)),
            "auth_time": .number(Int(claims.authenticatedAt)),
            "exp": .number(Int(claims.expiresAt)),
            "token_use": .string(claims.identity == nil ? "access" : "id"),
        ]
        if !claims.groups.isEmpty {
            members["groups"] = .list(claims.groups.map { .string($0) })
        }
        if let identity = claims.identity {
            members["aud"] = .string(identity.audience)
            members["email"] = .string(identity.email)
            members["email_verified"] = .flag(true)
            members["name"] = identity.name.map { .string($0) }
            members["preferred_username"] = identity.login.map { .string($0) }
        }
        return members
    }
}
