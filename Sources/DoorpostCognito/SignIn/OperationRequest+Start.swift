import DoorpostCore
import DoorpostHTTP

extension OperationRequest {
    /// Starts a challenge, and counts what came of it.
    ///
    /// - Parameters:
    ///   - relayDown: what is thrown while no code can be mailed.
    ///   - limited: what is thrown where a limit is used up.
    func startChallenge(
        of person: Person, in context: SignInContext, relayDown: CognitoError,
        limited: CognitoError
    ) async throws(CognitoError) -> ChallengeStarted {
        try checkRelay(for: context, or: relayDown)
        let outcome: InitiateOutcome
        do {
            outcome = try await flow.initiate(person.name, in: context)
        } catch {
            metrics.initiated(.error)
            throw CognitoError(error)
        }
        switch outcome {
        case .limited(_, let limit):
            metrics.initiated(.limited)
            metrics.limitHit(limit)
            throw limited
        case .refused:
            metrics.initiated(.refused)
            throw .wrongUserOrCode
        case .confirmed(let user):
            metrics.initiated(.started)
            return .confirmed(user)
        case .started(let started):
            metrics.initiated(started.isResumed ? .resumed : .started)
            return .challenge(started)
        }
    }

    /// Before anything is counted: a code that cannot be sent must not cost anybody one.
    func checkRelay(for context: SignInContext, or error: CognitoError) throws(CognitoError) {
        guard flow.mailsCode(in: context), door.courier.relayIsDownFor != nil else { return }
        metrics.initiated(.mailUnavailable)
        throw error
    }

    /// Hands a mail over, after the answer is made: it takes no part in how long that takes.
    func dispatch(_ mail: PendingMail?) {
        if let mail { door.courier.dispatch(mail) }
    }
}

/// What came of ``OperationRequest/startChallenge(of:in:relayDown:limited:)``.
enum ChallengeStarted {
    case challenge(InitiateOutcome.Started)
    /// A trigger asks a sign-up for no code.
    case confirmed(UserID)
}
