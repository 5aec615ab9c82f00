internal import DoorpostCore
internal import FoundationEssentials

/// What a session token must say once its signature is known to be ours.
struct SessionRules {
    let issuer: String
    let audience: String?
    let now: Timestamp

    /// Reads the payload and holds it to the rules.
    func claims(of payload: [UInt8]) throws(TokenError) -> SessionClaims {
        guard let flat = FlatJSON(payload) else {
            throw TokenError(.invalid, "its claims are not one plain JSON object")
        }
        try TokenRules.checkUse(payload, is: SessionPayload.use, of: issuer)
        guard TokenRules.times.allSatisfy(flat.isWholeNumber) else {
            throw TokenError(.invalid, "exp, iat and auth_time must be whole seconds since 1970")
        }
        guard let session = try? JSONDecoder().decode(SessionPayload.self, from: Data(payload))
        else { throw TokenError(.invalid, "a claim is missing or of the wrong kind") }
        if let audience, !TokenRules.isSame(session.aud, audience) {
            throw TokenError(.wrongUse, "it is for another audience than \(audience)")
        }
        guard session.amr == ["otp"] else {
            throw TokenError(.invalid, "its amr is not that of a mailed code")
        }
        try TokenRules.checkTimes(
            issued: session.iat, authenticated: session.auth_time, expires: session.exp, now: now)
        return session.claims
    }
}
