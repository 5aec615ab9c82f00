/// Runs what the administrator put at points of the flow (`triggers:`).
///
/// The flow asks ``points`` first: of a point where nothing is set, it never calls, and goes its
/// own way. Every call waits for a program, at most a few seconds.
package protocol Triggers: Sendable {
    /// Where something is set. ``TriggerPoint/createAuthChallenge`` and
    /// ``TriggerPoint/verifyAuthChallengeResponse`` are set together or not at all.
    var points: Set<TriggerPoint> { get }

    /// What is to happen next to a sign-in in which these rounds were answered.
    func define(_ subject: TriggerSubject, rounds: [AnsweredRound]) async throws(TriggerError)
        -> NextStep

    /// Makes the next challenge.
    ///
    /// - Parameter name: what ``define(_:rounds:)`` called it.
    func create(_ subject: TriggerSubject, name: String, rounds: [AnsweredRound])
        async throws(TriggerError) -> CreatedChallenge

    /// Whether an answer is right.
    ///
    /// - Parameter parameters: the private ones of the challenge.
    func verify(_ subject: TriggerSubject, answer: String, parameters: [String: String])
        async throws(TriggerError) -> Bool

    /// Whether somebody may become a user.
    ///
    /// - Parameter validationData: what the program that asks says for this trigger alone.
    func preSignUp(
        _ subject: TriggerSubject, by: SignUpWay, validationData: [String: String]
    ) async throws(TriggerError) -> PreSignUpAnswer

    /// Somebody has become a user.
    func postConfirmation(_ subject: TriggerSubject) async throws(TriggerError)

    /// Whether somebody may sign in; the subject's metadata are its `validationData`.
    func preAuthentication(_ subject: TriggerSubject) async throws(TriggerError)

    /// Somebody has signed in, and has no tokens yet.
    func postAuthentication(_ subject: TriggerSubject) async throws(TriggerError)

    /// What is to be changed in tokens about to be signed.
    ///
    /// - Parameters:
    ///   - groups: of the user.
    ///   - scopes: of the access token.
    func changes(
        toTokensOf subject: TriggerSubject, on occasion: TokenOccasion, groups: [String],
        scopes: [String]
    ) async throws(TriggerError) -> TokenChanges
}

/// How somebody becomes a user.
package enum SignUpWay: String, Hashable, Sendable {
    case signUp = "PreSignUp_SignUp"
    case administrator = "PreSignUp_AdminCreateUser"
}

/// For what tokens are signed.
package enum TokenOccasion: String, Hashable, Sendable {
    case signIn = "TokenGeneration_Authentication"
    case refresh = "TokenGeneration_RefreshTokens"
}

/// What ``Triggers/preSignUp(_:by:validationData:)`` answers. That an address is verified, it
/// cannot say: only a code can.
package struct PreSignUpAnswer: Hashable, Sendable {
    /// The user is added at once, without a code.
    package var isConfirmed: Bool

    package init(isConfirmed: Bool) { self.isConfirmed = isConfirmed }
}
