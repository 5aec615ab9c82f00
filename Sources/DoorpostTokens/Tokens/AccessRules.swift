internal import DoorpostCore
internal import FoundationEssentials

/// What an access token must say once its signature is known to be ours.
struct AccessRules {
    let issuer: String
    let now: Timestamp

    func claims(of payload: [UInt8]) throws(TokenError) -> AccessClaims {
        let access = try read(payload)
        return AccessClaims(
            user: access.sub, session: access.sid, authenticatedAt: access.auth_time,
            issuedAt: access.iat, expiresAt: access.exp)
    }

    /// Reads the payload and holds it to the rules.
    func read(_ payload: [UInt8]) throws(TokenError) -> AccessPayload {
        guard let flat = FlatJSON(payload) else {
            throw TokenError(.invalid, "its claims are not one plain JSON object")
        }
        try TokenRules.checkUse(payload, is: AccessPayload.use, of: issuer)
        guard TokenRules.times.allSatisfy(flat.isWholeNumber),
            let access = try? JSONDecoder().decode(AccessPayload.self, from: Data(payload))
        else { throw TokenError(.invalid, "a claim is missing or of the wrong kind") }
        guard access.amr == ["otp"] else {
            throw TokenError(.invalid, "its amr is not that of a mailed code")
        }
        try TokenRules.checkTimes(
            issued: access.iat, authenticated: access.auth_time, expires: access.exp, now: now)
        return access
    }
}
