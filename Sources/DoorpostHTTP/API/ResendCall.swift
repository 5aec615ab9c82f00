import DoorpostCore

/// `POST /auth/resend`: mails the same code again. The tries are not refilled.
struct ResendCall: Handler {
    private struct Body: Decodable {
        var session: String
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let body = try JSONBody.decode(Body.self, from: call)
        guard let challenge = door.flow.challenge(of: body.session) else {
            throw .sessionInvalid
        }
        if let wait = door.courier.relayIsDownFor { throw .mailUnavailable(retryAfter: wait) }
        let outcome: ResendOutcome
        do {
            outcome = try door.flow.resend(challenge: challenge, in: door.context(of: call))
        } catch {
            throw APIError(error)
        }
        switch outcome {
        case .resent(let live, let mail):
            if let mail { door.courier.dispatch(mail) }
            return try .ofOurs(ChallengeAnswer(live, body.session, door.flow))
        case .triesUsedUp: throw .codeMismatch(attemptsLeft: 0)
        case .expired: throw .codeExpired
        case .used, .unknownChallenge: throw .sessionInvalid
        case .limited(let retryAfter, _): throw .limited(retryAfter: retryAfter)
        }
    }
}
