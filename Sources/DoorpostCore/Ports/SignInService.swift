/// Who lets people in to this machine: its own flow, or a central Doorpost that runs one for many
/// machines. The PAM door asks it, and cannot tell which it is.
package protocol SignInService: Sendable {
    /// As ``Flow/accountState(login:)``.
    func accountState(login: String) async throws(FlowError) -> AccountState

    /// As ``Flow/initiate(_:in:)``, for a Linux account.
    func initiate(login: String, in context: SignInContext) async throws(FlowError)
        -> InitiateOutcome

    /// As ``Flow/verify(_:challenge:attemptsLeft:in:)``, for a challenge that ``initiate(login:in:)``
    /// has told.
    func verify(_ answer: CodeAnswer, challenge: ChallengeID, in context: SignInContext)
        async throws(FlowError) -> VerifyOutcome

    /// As ``Flow/endSession(_:door:reason:)``, for a session of a PAM login.
    func endSession(_ id: SessionID, reason: String) async throws(FlowError)
}

extension Flow: SignInService {
    package func initiate(login: String, in context: SignInContext) async throws(FlowError)
        -> InitiateOutcome
    {
        try await initiate(.login(login), in: context)
    }

    package func verify(_ answer: CodeAnswer, challenge: ChallengeID, in context: SignInContext)
        async throws(FlowError) -> VerifyOutcome
    {
        try await verify(answer, challenge: challenge, attemptsLeft: nil, in: context)
    }

    package func endSession(_ id: SessionID, reason: String) async throws(FlowError) {
        try endSession(id, door: SignInContext.Door.pam.rawValue, reason: reason)
    }
}
