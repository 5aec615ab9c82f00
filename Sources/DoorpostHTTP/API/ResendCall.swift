import DoorpostCore

/// `POST /auth/resend`: mails the same code again. The tries are not refilled.
struct ResendCall: Handler {
    let metrics: DoorMetrics

    private struct Body: Decodable {
        var session: String
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let body = try JSONBody.decode(Body.self, from: call)
        guard let challenge = door.flow.challenge(of: body.session) else {
            throw .sessionInvalid
        }
        let context = door.context(of: call)
        if door.flow.mailsCode(in: context), let wait = door.courier.relayIsDownFor {
            metrics.resent(.mailUnavailable)
            throw .mailUnavailable(retryAfter: wait)
        }
        let outcome: ResendOutcome
        do {
            outcome = try await door.flow.resend(challenge: challenge, in: context)
        } catch {
            metrics.resent(.error)
            throw APIError(error)
        }
        metrics.resent(ResendEvent(outcome))
        switch outcome {
        case .resent(let live, let mail):
            if let mail { door.courier.dispatch(mail) }
            return try .ofOurs(ChallengeAnswer(live, body.session, door.flow))
        case .triesUsedUp: throw .codeMismatch(attemptsLeft: 0)
        case .expired: throw .codeExpired
        case .used, .unknownChallenge: throw .sessionInvalid
        case .limited(let retryAfter, let limit):
            metrics.limitHit(limit)
            throw .limited(retryAfter: retryAfter)
        }
    }
}

extension ResendEvent {
    fileprivate init(_ outcome: ResendOutcome) {
        self =
            switch outcome {
            case .resent: .sent
            case .triesUsedUp: .triesUsedUp
            case .expired: .expired
            case .used: .used
            case .unknownChallenge: .unknown
            case .limited: .limited
            }
    }
}
