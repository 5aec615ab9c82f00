import DoorpostCore
import DoorpostHTTP

/// Takes the answer to a challenge, for `RespondToAuthChallenge` and its sister for back ends.
/// Whether a code is right is the flow's to say.
struct AuthAnswer {
    private let request: OperationRequest
    private let source: Source?

    init(_ request: OperationRequest, source: Source?) {
        self.request = request
        self.source = source
    }

    func answer() async throws(CognitoError) -> JSONValue {
        let client = try request.client()
        let responses = request.input.texts("ChallengeResponses")
        let person = try Person(responses)
        try request.checkSecretHash(responses["SECRET_HASH"], of: client, for: [person.text])
        guard let session = request.input.text("Session") else {
            throw .missingParameter("Session")
        }
        var context = request.context(for: client, source: source)
        let challenge = request.input.required("ChallengeName")
        if challenge == "EMAIL_OTP" { context = request.flow.mailedCodeAlone(context) }
        guard let round = request.flow.round(of: session, for: person.name, in: context) else {
            throw .invalidSession
        }
        guard request.now < round.until else { throw .expiredSession }
        let questions = AuthQuestions(request, client, person, context)
        switch (challenge, round.question) {
        case ("SELECT_CHALLENGE", .choice):
            guard let choice = responses["ANSWER"] else { throw .missingParameter("ANSWER") }
            guard choice == "EMAIL_OTP" else {
                throw .invalidParameter("The selected challenge is not available.")
            }
            return try await questions.emailCode()
        case ("CUSTOM_CHALLENGE", .custom(let id, let left)):
            guard let answer = responses["ANSWER"] else { throw .missingParameter("ANSWER") }
            return try await custom(answer, id, attemptsLeft: left, questions, context)
        case ("EMAIL_OTP", .emailCode(let id)):
            guard let answer = responses["EMAIL_OTP_CODE"] else {
                throw .missingParameter("EMAIL_OTP_CODE")
            }
            return try await emailCode(answer, id, context)
        default: throw .invalidSession
        }
    }

    private func custom(
        _ answer: String, _ id: ChallengeID, attemptsLeft: Int, _ questions: AuthQuestions,
        _ context: SignInContext
    ) async throws(CognitoError) -> JSONValue {
        switch try await verify(answer, id, attemptsLeft: attemptsLeft, context) {
        case .signedIn(let signIn): return try tokens(signIn)
        case .wrong(let left): return try questions.custom(id, attemptsLeft: left)
        case .asked(let question, _, let left):
            return try questions.custom(id, attemptsLeft: left, asked: question)
        case .triesUsedUp: throw .wrongUserOrCode
        case .expired: throw .expiredSession
        case .used, .unknownChallenge: throw .invalidSession
        case .limited: throw .tooManyRequests
        }
    }

    private func emailCode(_ answer: String, _ id: ChallengeID, _ context: SignInContext)
        async throws(CognitoError) -> JSONValue
    {
        switch try await verify(answer, id, attemptsLeft: nil, context) {
        case .signedIn(let signIn): return try tokens(signIn)
        case .wrong, .asked: throw .codeMismatch
        case .triesUsedUp: throw .wrongUserOrCode
        case .expired: throw .expiredCode
        case .used, .unknownChallenge: throw .invalidSession
        case .limited: throw .tooManyRequests
        }
    }

    private func verify(
        _ answer: String, _ id: ChallengeID, attemptsLeft: Int?, _ context: SignInContext
    ) async throws(CognitoError) -> VerifyOutcome {
        do {
            let outcome = try await request.flow.verify(
                CodeAnswer(answer.utf8), challenge: id, attemptsLeft: attemptsLeft, in: context)
            request.metrics.verified(VerifyEvent(outcome))
            if case .limited(_, let limit) = outcome { request.metrics.limitHit(limit) }
            return outcome
        } catch {
            request.metrics.verified(.error)
            throw CognitoError(error)
        }
    }

    private func tokens(_ signIn: SignIn) throws(CognitoError) -> JSONValue {
        guard case .web(let grant) = signIn.credential else {
            throw .internal("a sign-in to a client has no tokens for it")
        }
        return AuthOutput.signedIn(AuthOutput.result(grant, withRefreshToken: true))
    }
}
