import DoorpostCore
import HTTPTypes

/// `GET /auth/me`: who is signed in, by bearer token or cookie, as the pool knows them now.
struct MeCall: Handler {
    private struct Claims: Encodable {
        var sub: String
        var email: String
        var email_verified = true
        var name: String?
        var preferred_username: String?
        var groups: [String]
        var session: String
        var auth_time: Int64
        var iat: Int64
        var exp: Int64
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        guard let token = try Self.token(of: call) else { throw .tokenInvalid }
        let owner: SignedIn?
        do {
            owner = try await door.flow.owner(ofAccessToken: token)
        } catch {
            throw APIError(error)
        }
        guard let owner else { throw .tokenInvalid }
        return try .ofOurs(
            Claims(
                sub: owner.user.id.text, email: owner.user.email.canonical, name: owner.user.name,
                preferred_username: owner.user.login?.name, groups: owner.user.groups,
                session: owner.session.id.text, auth_time: owner.claims.authenticatedAt,
                iat: owner.claims.issuedAt, exp: owner.claims.expiresAt))
    }

    private static func token(of call: Call) throws(APIError) -> String? {
        if call.headers[.authorization] != nil { return BearerToken.of(call) }
        return try SessionCookies.value(of: SessionCookies.access, in: call.headers)
    }
}
