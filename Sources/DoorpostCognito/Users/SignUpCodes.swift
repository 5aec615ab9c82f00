import DoorpostCore
import DoorpostHTTP

/// Mails the codes of sign-ups, and takes them.
///
/// Who has an account, and whoever may not have one, gets a decoy: the answers are those that
/// somebody who signs up gets.
struct SignUpCodes {
    private let request: OperationRequest
    private let client: AppClient
    private let person: Person
    private var context: SignInContext

    /// - Throws: ``CognitoError``: there is no such client, it did not prove its secret, or the
    ///   user name is no address.
    init(_ request: OperationRequest) throws(CognitoError) {
        client = try request.client()
        person = Person(request.input.required("Username"))
        try request.checkSecretHash(
            request.input.text("SecretHash"), of: client, for: [person.text])
        guard EmailAddress(person.text) != nil else { throw .usernameNoAddress }
        var context = request.context(for: client)
        context.act = .signUp
        self.context = context
        self.request = request
    }

    /// Who signs up.
    var address: EmailAddress? { EmailAddress(person.text) }

    /// What the trigger before a sign-up is told beside the address.
    mutating func tellTriggers(_ attributes: [String: String]) {
        context.signUpAttributes = attributes
        context.validationData = request.input.pairs("ValidationData")
    }

    /// Starts a sign-up; its code goes out when the answer is made.
    func start() async throws(CognitoError) -> JSONValue {
        let started: InitiateOutcome.Started
        switch try await startChallenge() {
        case .confirmed(let user):
            return .object(["UserConfirmed": .bool(true), "UserSub": .string(user.text)])
        case .challenge(let challenge): started = challenge
        }
        let answer = JSONValue.members([
            "UserConfirmed": .bool(false),
            "UserSub": .string(request.flow.signupUser(of: started.live.id).text),
            "CodeDeliveryDetails": try delivery(),
            "Session": .string(try session(.signUp(started.live.id), in: context)),
        ])
        request.dispatch(started.mail)
        return answer
    }

    /// Mails the code again; once it is dead, another one.
    func resend() async throws(CognitoError) -> JSONValue {
        try request.checkRelay(for: context, or: .codeNotDelivered)
        let answer = JSONValue.object(["CodeDeliveryDetails": try delivery()])
        if let id = try openSignup() {
            let outcome: ResendOutcome
            do {
                outcome = try await request.flow.resend(challenge: id, in: context)
            } catch {
                request.metrics.resent(.error)
                throw CognitoError(error)
            }
            switch outcome {
            case .resent(_, let mail):
                request.metrics.resent(.sent)
                request.dispatch(mail)
                return answer
            case .limited(_, let limit):
                request.metrics.resent(.limited)
                request.metrics.limitHit(limit)
                throw .limitExceeded
            case .triesUsedUp, .expired, .used, .unknownChallenge:
                break  // it died between two looks
            }
        }
        if case .challenge(let started) = try await startChallenge() {
            request.dispatch(started.mail)
        }
        return answer
    }

    /// Takes a code: who knows it is a user from now on.
    func confirm(_ code: String, session: String?) async throws(CognitoError) -> JSONValue {
        guard let id = try challenge(of: session) else { throw .expiredCode }
        let outcome: VerifyOutcome
        do {
            outcome = try await request.flow.verify(
                CodeAnswer(code.utf8), challenge: id, in: context)
        } catch {
            request.metrics.verified(.error)
            throw CognitoError(error)
        }
        request.metrics.verified(VerifyEvent(outcome))
        switch outcome {
        case .signedIn(let signIn): return try confirmed(signIn)
        case .wrong, .asked: throw .wrongVerificationCode
        case .triesUsedUp: throw .tooManyFailedAttempts
        case .expired, .unknownChallenge: throw .expiredCode
        case .used: throw .alreadyConfirmed
        case .limited(_, let limit):
            request.metrics.limitHit(limit)
            throw .limitExceeded
        }
    }

    /// The code was right: its login session waits behind a `Session` for `InitiateAuth`, if the
    /// client can use one there.
    private func confirmed(_ signIn: SignIn) throws(CognitoError) -> JSONValue {
        guard client.flows.contains(.user) else {
            do {
                try request.flow.endSession(
                    signIn.session.id, door: context.door.rawValue,
                    reason: "confirmed a sign-up, for a client without \(ClientFlow.user.rawValue)")
            } catch {
                throw CognitoError(error)
            }
            return .object([:])
        }
        // Good for signing in alone, as this one was for signing up.
        let signingIn = request.context(for: client)
        return .object([
            "Session": .string(try session(.confirmed(signIn.session.id), in: signingIn))
        ])
    }

    private func startChallenge() async throws(CognitoError) -> ChallengeStarted {
        try await request.startChallenge(
            of: person, in: context, relayDown: .codeNotDelivered, limited: .limitExceeded)
    }

    private func openSignup() throws(CognitoError) -> ChallengeID? {
        do {
            return try request.flow.openSignup(of: person.name, in: context)
        } catch {
            throw CognitoError(error)
        }
    }

    /// The challenge of a `Session`; without one the name's newest, if there is any.
    private func challenge(of session: String?) throws(CognitoError) -> ChallengeID? {
        guard let session else { return try openSignup() }
        guard let round = request.flow.round(of: session, for: person.name, in: context),
            case .signUp(let id) = round.question
        else { throw .invalidSession }
        guard request.now < round.until else { throw .expiredSession }
        return id
    }

    private func session(_ question: ChallengeRound.Question, in context: SignInContext)
        throws(CognitoError) -> String
    {
        let round = ChallengeRound(question, until: request.now + client.sessionLifetime)
        do {
            return try request.flow.handle(of: round, for: person.name, in: context).text
        } catch {
            throw CognitoError(error)
        }
    }

    /// Where the code goes: what was asked for, masked, whoever has it.
    private func delivery() throws(CognitoError) -> JSONValue {
        do {
            return .texts([
                "Destination": try request.flow.deliveryHint(for: person.name),
                "DeliveryMedium": "EMAIL", "AttributeName": "email",
            ])
        } catch {
            throw CognitoError(error)
        }
    }
}
