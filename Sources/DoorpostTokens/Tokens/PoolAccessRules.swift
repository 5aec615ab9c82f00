internal import DoorpostCore
internal import FoundationEssentials

/// What an access token of the user pool must say once its signature is known to be ours.
struct PoolAccessRules {
    let issuer: String
    let now: Timestamp

    func claims(of payload: [UInt8]) throws(TokenError) -> AccessClaims {
        let access = try read(payload)
        guard TokenScope.reachesOwnAccount(access.scope) else {
            throw TokenError(.wrongUse, "its scope does not reach the user's own account")
        }
        return AccessClaims(
            user: access.sub, session: access.origin_jti, client: access.client_id,
            authenticatedAt: access.auth_time, issuedAt: access.iat, expiresAt: access.exp)
    }

    /// Reads the payload and holds it to the rules, whatever its scope.
    func read(_ payload: [UInt8]) throws(TokenError) -> PoolAccessPayload {
        guard let flat = FlatJSON(payload) else {
            throw TokenError(.invalid, "its claims are not one plain JSON object")
        }
        try TokenRules.checkUse(payload, is: AccessPayload.use, of: issuer)
        guard TokenRules.times.allSatisfy(flat.isWholeNumber),
            let access = try? JSONDecoder().decode(PoolAccessPayload.self, from: Data(payload))
        else { throw TokenError(.invalid, "a claim is missing or of the wrong kind") }
        try TokenRules.checkTimes(
            issued: access.iat, authenticated: access.auth_time, expires: access.exp, now: now)
        return access
    }
}
