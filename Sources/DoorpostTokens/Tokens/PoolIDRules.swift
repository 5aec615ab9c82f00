internal import DoorpostCore
internal import FoundationEssentials

/// What an id token of the user pool must say once its signature is known to be ours.
struct PoolIDRules {
    let issuer: String
    let audience: String?
    let now: Timestamp

    /// Reads the payload and holds it to the rules.
    func read(_ payload: [UInt8]) throws(TokenError) -> PoolIDPayload {
        guard let flat = FlatJSON(payload) else {
            throw TokenError(.invalid, "its claims are not one plain JSON object")
        }
        try TokenRules.checkUse(payload, is: IDPayload.use, of: issuer)
        guard TokenRules.times.allSatisfy(flat.isWholeNumber),
            let id = try? JSONDecoder().decode(PoolIDPayload.self, from: Data(payload))
        else { throw TokenError(.invalid, "a claim is missing or of the wrong kind") }
        if let audience, !TokenRules.isSame(id.aud, audience) {
            throw TokenError(.wrongUse, "it is for another audience than \(audience)")
        }
        try TokenRules.checkTimes(
            issued: id.iat, authenticated: id.auth_time, expires: id.exp, now: now)
        return id
    }
}
