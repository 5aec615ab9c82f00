package import DoorpostCore
import HTTPTypes

/// `POST /auth/refresh`: trades a refresh token, from the body or the cookie, for new tokens.
struct RefreshCall: Handler {
    let metrics: DoorMetrics

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
            metrics.refreshed(.error)
            throw APIError(error)
        }
        metrics.refreshed(RefreshEvent(outcome))
        guard case .refreshed(let grant, _) = outcome else {
            var answer = APIError.tokenInvalid.answer(id: call.id)
            if isCookie { SessionCookies.clear(in: &answer.headers) }
            return answer
        }
        return try TokenAnswer.answer(grant, asCookies: isCookie)
    }
}

extension RefreshEvent {
    /// What metrics call the outcome.
    package init(_ outcome: RefreshOutcome) {
        self =
            switch outcome {
            case .refreshed(_, let isRepeated): isRepeated ? .repeated : .rotated
            case .reused: .reused
            case .refused: .refused
            }
    }
}
