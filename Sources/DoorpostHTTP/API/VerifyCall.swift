package import DoorpostCore
import HTTPTypes

/// `POST /auth/verify`: trades the code for tokens.
struct VerifyCall: Handler {
    let metrics: DoorMetrics

    private struct Body: Decodable {
        var session: String
        var otp: String
        var email: String?
        var cookie: Bool?
    }

    /// Longer than any code however it is grouped.
    private static let longestAnswer = 64

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let body = try JSONBody.decode(Body.self, from: call)
        guard (1...Self.longestAnswer).contains(body.otp.utf8.count) else {
            throw .invalidRequest("\"otp\" must hold the code.")
        }
        let wantsCookie = body.cookie ?? false
        if wantsCookie, OriginPolicy(door.settings).caller(call.headers) != .own {
            throw .originRefused
        }
        let name = body.email.map { SignInName.email($0) }
        guard let challenge = door.flow.challenge(of: body.session, for: name) else {
            metrics.verified(.unknown)
            throw .sessionInvalid
        }
        let outcome: VerifyOutcome
        do {
            outcome = try await door.flow.verify(
                CodeAnswer(body.otp.utf8), challenge: challenge, in: door.context(of: call))
        } catch {
            metrics.verified(.error)
            throw APIError(error)
        }
        metrics.verified(VerifyEvent(outcome))
        switch outcome {
        case .signedIn(let signIn):
            guard case .web(let grant) = signIn.credential else {
                throw .internal("a web sign-in has no web tokens")
            }
            return try TokenAnswer.answer(grant, asCookies: wantsCookie)
        case .wrong(let left): throw .codeMismatch(attemptsLeft: left)
        case .asked(let question, let isRight, let left):
            throw isRight
                ? .answerNeeded(question, attemptsLeft: left)
                : .codeMismatch(attemptsLeft: left, asked: question)
        case .triesUsedUp: throw .codeMismatch(attemptsLeft: 0)
        case .expired: throw .codeExpired
        case .used, .unknownChallenge: throw .sessionInvalid
        case .limited(let retryAfter, let limit):
            metrics.limitHit(limit)
            throw .limited(retryAfter: retryAfter)
        }
    }
}

extension VerifyEvent {
    /// What metrics call the outcome.
    package init(_ outcome: VerifyOutcome) {
        self =
            switch outcome {
            case .signedIn: .signedIn
            case .wrong, .asked(_, isRight: false, _): .wrong
            case .asked: .asked
            case .triesUsedUp: .triesUsedUp
            case .expired: .expired
            case .used: .used
            case .unknownChallenge: .unknown
            case .limited: .limited
            }
    }
}

/// The answer to `verify` and `refresh`.
struct TokenAnswer: Encodable {
    var id_token: String?
    var access_token: String?
    var refresh_token: String?
    var token_type: String?
    var expires_in: Int64

    /// - Parameter asCookies: the tokens go where no script of the page can read them.
    static func answer(_ grant: WebGrant, asCookies: Bool) throws(APIError) -> Answer {
        let seconds = grant.expiresIn.milliseconds / 1000
        guard asCookies else {
            return try .ofOurs(
                TokenAnswer(
                    id_token: grant.idToken, access_token: grant.accessToken,
                    refresh_token: grant.refreshToken, token_type: "Bearer", expires_in: seconds))
        }
        var headers = HTTPFields()
        SessionCookies.set(grant, in: &headers)
        return try .ofOurs(TokenAnswer(expires_in: seconds), headers: headers)
    }
}
