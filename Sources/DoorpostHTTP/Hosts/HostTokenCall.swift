import DoorpostCore

/// `POST /host/token`: whether a token is good, and its session not revoked. Of any session: whoever
/// asks holds the token already.
struct HostTokenCall: Handler {
    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let body = try JSONBody.decode(HostToken.self, from: call)
        _ = try HostCredential(call: call, door: door).host(named: body.host)
        return try .ofOurs(try await Self.look(at: body, door))
    }

    private static func look(at body: HostToken, _ door: HTTPDoorParts)
        async throws(APIError) -> HostTokenAnswer
    {
        let claims: TokenClaims
        do {
            claims = try await door.flow.tokens.claims(
                of: body.token, audience: body.audience, now: door.flow.clock.now)
        } catch {
            guard error.code != .keysUnavailable else { throw .internal("tokens: \(error)") }
            return HostTokenAnswer(refusal: error.detail)
        }
        do {
            let session = try door.flow.store.session(SessionID(claims.session))
            if let fault = claims.fault(of: session) { return HostTokenAnswer(refusal: fault) }
        } catch {
            throw .storeUnavailable("store: \(error)")
        }
        return HostTokenAnswer(claims, issuer: door.settings.issuer)
    }
}
