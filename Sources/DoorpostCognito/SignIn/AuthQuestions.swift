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
            "SELECT_CHALLENGE", try session(.choice), ["USERNAME": person.text],
            choices: ["EMAIL_OTP"])
    }

    /// Mails a code, and asks for it as a custom challenge.
    func custom() throws(CognitoError) -> JSONValue {
        let started = try start()
        let answer = try custom(started.live.id, attemptsLeft: started.live.attemptsLeft)
        dispatch(started)
        return answer
    }

    /// Asks for the code of a challenge, in a round of its own.
    func custom(_ id: ChallengeID, attemptsLeft: Int) throws(CognitoError) -> JSONValue {
        AuthOutput.challenge(
            "CUSTOM_CHALLENGE", try session(.custom(id, attemptsLeft: attemptsLeft)),
            ["USERNAME": person.text, "email": try hint()])
    }

    /// Mails a code, and asks for it as the e-mail factor.
    func emailCode() throws(CognitoError) -> JSONValue {
        let started = try start()
        let answer = AuthOutput.challenge(
            "EMAIL_OTP", try session(.emailCode(started.live.id)),
            [
                "USERNAME": person.text, "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
                "CODE_DELIVERY_DESTINATION": try hint(),
            ])
        dispatch(started)
        return answer
    }

    private func start() throws(CognitoError) -> InitiateOutcome.Started {
        if request.door.courier.relayIsDownFor != nil {
            request.metrics.initiated(.mailUnavailable)
            // Before anything is counted: a code that cannot be sent must not cost anybody one.
            throw .internal("no code is mailed while the relay is down")
        }
        let outcome: InitiateOutcome
        do {
            outcome = try request.flow.initiate(person.name, in: context)
        } catch {
            request.metrics.initiated(.error)
            throw CognitoError(error)
        }
        switch outcome {
        case .limited(_, let limit):
            request.metrics.initiated(.limited)
            request.metrics.limitHit(limit)
            throw .tooManyRequests
        case .started(let started):
            request.metrics.initiated(started.isResumed ? .resumed : .started)
            return started
        }
    }

    /// After the answer is made: the mail takes no part in how long that takes.
    private func dispatch(_ started: InitiateOutcome.Started) {
        if let mail = started.mail { request.door.courier.dispatch(mail) }
    }

    private func session(_ question: ChallengeRound.Question) throws(CognitoError)
        -> ChallengeHandle
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
