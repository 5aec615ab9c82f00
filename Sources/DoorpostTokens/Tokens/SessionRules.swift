internal import DoorpostCore
internal import FoundationEssentials

/// What a session token must say once its signature is known to be ours.
struct SessionRules {
    let issuer: String
    let audience: String?
    let now: Timestamp

    /// How far the clock of a host that issued the token may be ahead of ours.
    static let clockSkew = Span.seconds(60)

    /// Reads the payload and holds it to the rules.
    func claims(of payload: [UInt8]) throws(TokenError) -> SessionClaims {
        guard let flat = FlatJSON(payload) else {
            throw TokenError(.invalid, "its claims are not one plain JSON object")
        }
        try checkUse(payload)
        guard ["exp", "iat", "auth_time"].allSatisfy(flat.isWholeNumber) else {
            throw TokenError(.invalid, "exp, iat and auth_time must be whole seconds since 1970")
        }
        guard let session = try? JSONDecoder().decode(SessionPayload.self, from: Data(payload))
        else { throw TokenError(.invalid, "a claim is missing or of the wrong kind") }
        if let audience, !Self.isSame(session.aud, audience) {
            throw TokenError(.wrongUse, "it is for another audience than \(audience)")
        }
        guard session.amr == ["otp"] else {
            throw TokenError(.invalid, "its amr is not that of a mailed code")
        }
        try checkTimes(session)
        return session.claims
    }

    /// Who issued it and for what, before anything that other kinds of token may lack.
    private func checkUse(_ payload: [UInt8]) throws(TokenError) {
        struct Use: Decodable {
            var iss: String
            var token_use: String
        }
        guard let said = try? JSONDecoder().decode(Use.self, from: Data(payload)) else {
            throw TokenError(.invalid, "it does not say iss and token_use")
        }
        guard Self.isSame(said.iss, issuer) else {
            throw TokenError(.wrongUse, "it is of another issuer than \(issuer)")
        }
        guard Self.isSame(said.token_use, SessionPayload.use) else {
            throw TokenError(.wrongUse, "it is not the token of a login session")
        }
    }

    private func checkTimes(_ session: SessionPayload) throws(TokenError) {
        guard session.iat < session.exp, session.auth_time <= session.iat else {
            throw TokenError(.invalid, "its times are in no possible order")
        }
        guard Timestamp(seconds: session.iat) <= now + Self.clockSkew else {
            throw TokenError(.invalid, "it was issued in the future; check the clocks")
        }
        // No leeway: expiry is on the clock that also revokes, and RFC 7519 says "on or after".
        guard now < Timestamp(seconds: session.exp) else {
            throw TokenError(.expired, "it expired at \(session.exp) seconds since 1970")
        }
    }

    /// Byte for byte: Swift's `==` takes some different texts for equal.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}
