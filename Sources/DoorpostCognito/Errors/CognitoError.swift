import DoorpostCore
import DoorpostHTTP
import HTTPTypes

/// Why an operation was not done, as the service model names it.
struct CognitoError: Error, Sendable {
    /// `__type`.
    var name: String
    var status: HTTPResponse.Status
    /// Texts that programs compare; see the table below.
    var message: String
    /// For the administrator's log only.
    var detail: String?

    /// Every modelled error is a 400, but for faults of our own.
    init(
        _ name: String, _ message: String, status: HTTPResponse.Status = .badRequest,
        detail: String? = nil
    ) {
        self.name = name
        self.message = message
        self.status = status
        self.detail = detail
    }

    /// The answer on the wire.
    func answer(id: String) -> Answer {
        var answer = Answer.cognito(
            .texts(["__type": name, "message": message]), status: status, id: id)
        answer.headers[.errorType] = "\(name):"
        answer.headers[.errorMessage] = VisibleText.escape(message, limit: 1024)
        return answer
    }
}

// The one table from what can go wrong to what is answered: names, and texts to the letter, of AWS.
extension CognitoError {
    static let unknownOperation = Self("UnknownOperationException", "Unknown operation.")

    static func serialization(_ message: String) -> Self { Self("SerializationException", message) }

    static func invalidParameter(_ message: String) -> Self {
        Self("InvalidParameterException", message)
    }

    static func missingParameter(_ name: String) -> Self {
        invalidParameter("Missing required parameter \(name)")
    }

    static func notAuthorized(_ message: String) -> Self { Self("NotAuthorizedException", message) }

    static let wrongUserOrCode = notAuthorized("Incorrect username or password.")
    static let invalidSession = notAuthorized("Invalid session for the user.")
    static let expiredSession = notAuthorized(
        "Invalid session for the user, session is expired.")
    static let invalidRefreshToken = notAuthorized("Invalid Refresh Token")
    static let revokedRefreshToken = notAuthorized("Refresh Token has been revoked")

    static let codeMismatch = Self(
        "CodeMismatchException", "Invalid code or auth state for the user.")
    static let expiredCode = Self(
        "ExpiredCodeException", "Invalid code provided, please request a code again.")
    static let refreshTokenReuse = Self(
        "RefreshTokenReuseException", "Refresh Token has been revoked")
    /// Not `LimitExceededException`: the operations that sign in do not have that one.
    static let tooManyRequests = Self(
        "TooManyRequestsException", "Attempt limit exceeded, please try after some time.")
    static let rotationEnabled = Self(
        "UnsupportedOperationException",
        "Refresh token rotation is enabled for the client. Use GetTokensFromRefreshToken.")

    static func noClient(_ id: String) -> Self {
        Self("ResourceNotFoundException", "User pool client \(id) does not exist.")
    }

    static func noPool(_ id: String) -> Self {
        Self("ResourceNotFoundException", "User pool \(id) does not exist.")
    }

    static func flowDisabled(_ flow: String) -> Self {
        invalidParameter("\(flow) is not enabled for the client.")
    }

    static func secretHashMissing(_ client: ClientID) -> Self {
        notAuthorized(
            "Client \(client) is configured with secret but SECRET_HASH was not received")
    }

    static func secretHashWrong(_ client: ClientID) -> Self {
        notAuthorized("Unable to verify secret hash for client \(client)")
    }

    static let missingAuthentication = Self(
        "MissingAuthenticationTokenException", "Missing Authentication Token")
    static let unrecognizedClient = Self(
        "UnrecognizedClientException", "The security token included in the request is invalid.")
    static let wrongSignature = invalidSignature(
        "The request signature we calculated does not match the signature you provided. Check your "
            + "AWS Secret Access Key and signing method. Consult the service documentation for "
            + "details.")

    static func incompleteSignature(_ message: String) -> Self {
        Self("IncompleteSignatureException", message)
    }

    static func invalidSignature(_ message: String) -> Self {
        Self("InvalidSignatureException", message)
    }

    static let forbidden = Self("ForbiddenException", "Pages of this origin may not call.")
    static let tooLarge = Self(
        "RequestEntityTooLargeException", "The request is larger than 16 KiB.",
        status: .contentTooLarge)

    /// A fault of ours, or of what we need: SDKs try again.
    static func `internal`(_ detail: String) -> Self {
        Self(
            "InternalErrorException", "Something went wrong.", status: .internalServerError,
            detail: detail)
    }

    init(_ error: FlowError) {
        self = error.trigger.map(CognitoError.init) ?? .internal("\(error)")
    }

    /// What a trigger says when it refuses is meant for the program; what went wrong is not.
    init(_ error: TriggerError) {
        self =
            switch error.fault {
            case .refused:
                Self(
                    "UserLambdaValidationException",
                    "\(error.point.name) failed with error \(error.message).", detail: "\(error)")
            case .failed:
                Self(
                    "UnexpectedLambdaException",
                    "\(error.point.name) invocation failed due to error Unhandled.",
                    detail: "\(error)")
            case .badAnswer:
                Self(
                    "InvalidLambdaResponseException", "Unrecognizable lambda output",
                    detail: "\(error)")
            }
    }

    init(_ error: StoreError) { self = .internal("store: \(error)") }

    /// What the door itself found wrong, before any operation was asked.
    init(_ error: APIError) {
        self =
            switch error.code {
            case .originRefused, .misdirected: .forbidden
            case .bodyTooLarge: .tooLarge
            case .invalidRequest: .serialization("The request ended before its body did.")
            default: .internal(error.detail ?? error.code.rawValue)
            }
    }
}
