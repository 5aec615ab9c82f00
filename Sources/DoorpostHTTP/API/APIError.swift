import DoorpostCore
import HTTPTypes

/// Why a call was not done: what the program is told, and what only the log is.
package struct APIError: Error, Sendable {
    var status: HTTPResponse.Status
    package var code: ErrorCode
    /// For the person; says what to do. Never anything internal.
    var message: String
    var attemptsLeft: Int?
    /// What a trigger asks now.
    var parameters: [String: String]?
    var retryAfter: Span?
    /// For `Allow`, with 405.
    var allowed: [HTTPRequest.Method] = []
    /// For the administrator's log only.
    package var detail: String?

    init(
        _ status: HTTPResponse.Status, _ code: ErrorCode, _ message: String,
        attemptsLeft: Int? = nil, retryAfter: Span? = nil, detail: String? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.attemptsLeft = attemptsLeft
        self.retryAfter = retryAfter
        self.detail = detail
    }

    /// The answer on the wire.
    ///
    /// - Parameter id: the request's, which an internal error gives as its reference.
    func answer(id: String) -> Answer {
        struct Body: Encodable {
            var error: String
            var message: String
            var attempts_left: Int?
            var challenge_parameters: [String: String]?
            var retry_after: Int64?
            var ref: String?
        }
        let body = Body(
            error: code.rawValue, message: message, attempts_left: attemptsLeft,
            challenge_parameters: parameters,
            retry_after: retryAfter.map { max($0.wholeSeconds, 1) },
            ref: code == .internal ? id : nil)
        var headers = HTTPFields()
        if let retryAfter { headers[.retryAfter] = "\(max(retryAfter.wholeSeconds, 1))" }
        if !allowed.isEmpty {
            headers[.allow] = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        }
        if code == .tokenInvalid { headers[.wwwAuthenticate] = #"Bearer error="invalid_token""# }
        let encoded = try? Answer.json(body, status: status, headers: headers)
        return encoded ?? Answer(.internalServerError)
    }
}

// The one table from what can go wrong to what is answered (CONTRACT.md §6).
extension APIError {
    static func invalidRequest(_ message: String) -> Self {
        Self(.badRequest, .invalidRequest, message)
    }

    static let notFound = Self(.notFound, .notFound, "There is nothing here.")

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Self {
        var error = Self(
            .methodNotAllowed, .methodNotAllowed, "This address does not take that method.")
        error.allowed = allowed
        return error
    }

    static let bodyTooLarge = Self(
        .contentTooLarge, .bodyTooLarge, "The request is larger than 16 KiB.")
    static let notJSON = Self(
        .unsupportedMediaType, .unsupportedMediaType, "Send Content-Type: application/json.")
    static let originRefused = Self(
        .forbidden, .originRefused, "Pages of this origin may not call this server.")
    static let misdirected = Self(
        .misdirectedRequest, .misdirected, "This server does not answer under that name.")
    static let sessionInvalid = Self(
        .unauthorized, .sessionInvalid,
        "This sign-in is not known or is over. Start again with your address.")
    static let codeExpired = Self(
        .unauthorized, .codeExpired, "The code has expired. Ask for a new one.")
    static let tokenInvalid = Self(
        .unauthorized, .tokenInvalid, "You are not signed in, or no longer. Sign in again.")

    static func codeMismatch(attemptsLeft: Int, asked: TriggerQuestion? = nil) -> Self {
        var error = Self(
            .unauthorized, .codeMismatch,
            attemptsLeft > 0
                ? "That is not the code. Try again." : "That was not the code. Ask for a new one.",
            attemptsLeft: attemptsLeft)
        error.parameters = asked?.parameters
        return error
    }

    /// The answer was right, and a trigger asks for another.
    static func answerNeeded(_ question: TriggerQuestion, attemptsLeft: Int) -> Self {
        var error = Self(
            .unauthorized, .answerNeeded, "That was right. One more answer is needed.",
            attemptsLeft: attemptsLeft)
        error.parameters = question.parameters
        return error
    }

    static let refused = Self(.forbidden, .refused, "You may not sign in here.")

    /// A trigger refused, or did not answer; what it said is for the log.
    static func triggered(_ error: TriggerError) -> Self {
        if error.fault == .refused {
            var refusal = refused
            refusal.detail = "\(error)"
            return refusal
        }
        return Self(
            .serviceUnavailable, .triggerFailed,
            "Signing in does not work at the moment. Try again soon.", retryAfter: .seconds(5),
            detail: "\(error)")
    }

    static func limited(retryAfter: Span) -> Self {
        Self(
            .tooManyRequests, .rateLimited, "Too many requests. Wait, then try again.",
            retryAfter: retryAfter)
    }

    static func mailUnavailable(retryAfter: Span) -> Self {
        Self(
            .serviceUnavailable, .mailUnavailable,
            "No mail can be sent at the moment. Try again later.", retryAfter: retryAfter)
    }

    static func storeUnavailable(_ detail: String) -> Self {
        Self(
            .serviceUnavailable, .storeUnavailable,
            "Signing in does not work at the moment. Try again soon.", retryAfter: .seconds(5),
            detail: detail)
    }

    /// More waits already than a person would wait for.
    static let busy = Self(
        .serviceUnavailable, .storeUnavailable, "The server is busy. Try again in a moment.",
        retryAfter: .seconds(1), detail: "the pool for blocking work is full")

    static func `internal`(_ detail: String) -> Self {
        Self(
            .internalServerError, .internal,
            "Something went wrong here. Tell the administrator the reference.", detail: detail)
    }

    /// To hosts: a machine that is not one of ours learns nothing but that.
    static func hostUnknown(_ detail: String) -> Self {
        Self(
            .unauthorized, .hostUnknown,
            "This host's credential is not known here. Make one with 'doorpost host add'.",
            detail: detail)
    }

    static func hostRevoked(_ detail: String) -> Self {
        Self(
            .forbidden, .hostRevoked,
            "This host's credential was revoked. Make another with 'doorpost host add'.",
            detail: detail)
    }

    /// - Parameter name: of the host whose credential it is.
    static func hostMismatch(_ name: String, _ detail: String) -> Self {
        Self(
            .forbidden, .hostMismatch,
            "This credential is for host \(name); a host may ask for logins on itself alone.",
            detail: detail)
    }

    /// Faults of the flow.
    init(_ error: FlowError) {
        if let trigger = error.trigger {
            self = .triggered(trigger)
        } else {
            self = error.code == .store ? .storeUnavailable("\(error)") : .internal("\(error)")
        }
    }
}
