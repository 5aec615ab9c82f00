import DoorpostCore
import HTTPTypes

/// `POST /auth/refresh`: trades a refresh token, from the body or the cookie, for new tokens.
struct RefreshCall: Handler {
    private struct Body: Decodable {
        var refresh_token: String?
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let given = try JSONBody.decodeOptional(Body.self, from: call)?.refresh_token
        let cookie = try SessionCookies.value(of: SessionCookies.refresh, in: call.headers)
        guard let token = given ?? cookie else { throw .tokenInvalid }
        let isCookie = given == nil
        if isCookie, OriginPolicy(door.settings).caller(call.headers) != .own {
            throw .originRefused
        }
        let outcome: RefreshOutcome
        do {
            outcome = try await door.flow.refresh(token, in: door.context(of: call))
        } catch {
            throw APIError(error)
        }
        guard case .refreshed(let grant, _) = outcome else {
            var answer = APIError.tokenInvalid.answer(id: call.id)
            if isCookie { SessionCookies.clear(in: &answer.headers) }
            return answer
        }
        return try TokenAnswer.answer(grant, asCookies: isCookie)
    }
}
