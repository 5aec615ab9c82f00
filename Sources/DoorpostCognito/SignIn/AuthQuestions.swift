import DoorpostCore
import DoorpostHTTP

/// Puts questions to one person for one client: starts challenges, and makes the `Session` of
/// every round.
struct AuthQuestions {
    private let request: OperationRequest
    private let client: AppClient
    private let person: Person
    private let context: SignInContext

    init(
        _ request: OperationRequest, _ client: AppClient, _ person: Person, _ context: SignInContext
    ) {
        self.request = request
        self.client = client
        self.person = person
        self.context = context
    }

    /// Which factor shall it be? There is one.
    func choice() throws(CognitoError) -> JSONValue {
        AuthOutput.challenge(
            "SELECT_CHALLENGE", try session(.choice, in: context), ["USERNAME": person.text],
            choices: ["EMAIL_OTP"])
    }

    /// Mails a code, or has a trigger ask something, as a custom challenge.
    func custom() async throws(CognitoError) -> JSONValue {
        let started = try await start(context)
        let answer = try custom(
            started.live.id, attemptsLeft: started.live.attemptsLeft, asked: started.question)
        request.dispatch(started.mail)
        return answer
    }

    /// Asks for the code of a challenge, or what a trigger asks, in a round of its own.
    func custom(_ id: ChallengeID, attemptsLeft: Int, asked: TriggerQuestion? = nil)
        throws(CognitoError) -> JSONValue
    {
        var parameters = asked?.parameters ?? [:]
        if asked == nil { parameters["email"] = try hint() }
        parameters["USERNAME"] = person.text
        return AuthOutput.challenge(
            "CUSTOM_CHALLENGE",
            try session(.custom(id, attemptsLeft: attemptsLeft), in: context), parameters)
    }

    /// Mails a code, and asks for it as the e-mail factor.
    func emailCode() async throws(CognitoError) -> JSONValue {
        let context = request.flow.mailedCodeAlone(context)
        let started = try await start(context)
        let answer = AuthOutput.challenge(
            "EMAIL_OTP", try session(.emailCode(started.live.id), in: context),
            [
                "USERNAME": person.text, "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
                "CODE_DELIVERY_DESTINATION": try hint(),
            ])
        request.dispatch(started.mail)
        return answer
    }

    private func start(_ context: SignInContext) async throws(CognitoError)
        -> InitiateOutcome.Started
    {
        let started = try await request.startChallenge(
            of: person, in: context,
            relayDown: .internal("no code is mailed while the relay is down"),
            limited: .tooManyRequests)
        guard case .challenge(let challenge) = started else {
            throw .internal("a sign-in was confirmed as if it were a sign-up")
        }
        return challenge
    }

    private func session(_ question: ChallengeRound.Question, in context: SignInContext)
        throws(CognitoError) -> ChallengeHandle
    {
        let round = ChallengeRound(question, until: request.now + client.sessionLifetime)
        do {
            return try request.flow.handle(of: round, for: person.name, in: context)
        } catch {
            throw CognitoError(error)
        }
    }

    private func hint() throws(CognitoError) -> String {
        do {
            return try request.flow.deliveryHint(for: person.name)
        } catch {
            throw CognitoError(error)
        }
    }
}
