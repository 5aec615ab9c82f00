import DoorpostCore
import HTTPTypes

/// `POST /auth/logout`: ends the session of a refresh token, from the body or the cookie. One
/// that is over already is as good as ended.
struct LogoutCall: Handler {
    private struct Body: Decodable {
        var refresh_token: String?
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let given = try JSONBody.decodeOptional(Body.self, from: call)?.refresh_token
        let cookie = try SessionCookies.value(of: SessionCookies.refresh, in: call.headers)
        if given == nil, cookie != nil,
            OriginPolicy(door.settings).caller(call.headers) != .own
        {
            throw .originRefused
        }
        if let token = given ?? cookie {
            do {
                try door.flow.logOut(refreshToken: token, in: door.context(of: call))
            } catch {
                throw APIError(error)
            }
        }
        var answer = Answer(.noContent)
        if given == nil { SessionCookies.clear(in: &answer.headers) }
        return answer
    }
}
