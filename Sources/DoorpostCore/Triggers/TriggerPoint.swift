/// A named point of the flow at which a program of the administrator's runs; the raw value is its
/// key in the configuration.
package enum TriggerPoint: String, Hashable, Sendable, CaseIterable {
    case defineAuthChallenge = "define_auth_challenge"
    case createAuthChallenge = "create_auth_challenge"
    case verifyAuthChallengeResponse = "verify_auth_challenge_response"
    case preSignUp = "pre_sign_up"
    case postConfirmation = "post_confirmation"
    case preAuthentication = "pre_authentication"
    case postAuthentication = "post_authentication"
    case preTokenGeneration = "pre_token_generation"
    case customMessage = "custom_message"
    case customEmailSender = "custom_email_sender"

    /// As AWS calls it in messages: `CreateAuthChallenge`.
    package var name: String {
        rawValue.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
