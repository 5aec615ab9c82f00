/// Claims that no trigger may write or leave out: those that Cognito reserves
/// (references/web.md §2d), and those by which tokens of this Doorpost are known and checked.
package enum ReservedClaims {
    private static let cognitos: Set<String> = [
        "acr", "amr", "at_hash", "aud", "auth_time", "azp", "cognito:groups", "cognito:username",
        "exp", "iat", "identities", "iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use",
    ]
    private static let ours: Set<String> = [
        "client_id", "email", "email_verified", "event_id", "groups", "host", "preferred_username",
        "rhost", "scope", "service", "sid", "tty", "username", "version",
    ]

    /// Whether a claim of this name is not for triggers.
    package static func contains(_ claim: String) -> Bool {
        cognitos.contains(claim) || ours.contains(claim)
    }
}
