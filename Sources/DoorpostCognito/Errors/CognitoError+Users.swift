import DoorpostCore

// What the operations of users add to the table: the texts to the letter of AWS, where it has them.
extension CognitoError {
    static let invalidAccessToken = notAuthorized("Invalid Access Token")
    static let expiredAccessToken = notAuthorized("Access Token has expired")
    static let revokedAccessToken = notAuthorized("Access Token has been revoked")

    static let usernameNoAddress = invalidParameter("Username should be an email.")
    static let wrongVerificationCode = Self(
        "CodeMismatchException", "Invalid verification code provided, please try again.")
    static let alreadyConfirmed = notAuthorized(
        "User cannot be confirmed. Current status is CONFIRMED")
    static let tooManyFailedAttempts = Self(
        "TooManyFailedAttemptsException",
        "The user has made too many failed attempts for a given action.")
    static let limitExceeded = Self(
        "LimitExceededException", "Attempt limit exceeded, please try after some time.")
    static let codeNotDelivered = Self(
        "CodeDeliveryFailureException", "Unable to deliver the code, please try after some time.")

    static func unauthorizedAttribute(_ name: String) -> Self {
        notAuthorized(
            "A client attempted to write unauthorized attribute: \(name) is for administrators "
                + "to change.")
    }

    static let hasLinuxLogin = notAuthorized(
        "The user has a Linux login, so an administrator must do this.")

    static let unauthorizedClient = Self("UnauthorizedException", "Invalid client.")
    static let anotherClientsToken = Self(
        "UnauthorizedException", "The token was not issued to this client.")
    static let unsupportedTokenType = Self(
        "UnsupportedTokenTypeException", "Unsupported token type: only refresh tokens are revoked.")
}
