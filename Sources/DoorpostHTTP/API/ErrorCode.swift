/// The stable error codes of the HTTP API (CONTRACT.md §6): what a program reads in `error`.
package enum ErrorCode: String, Sendable, CaseIterable {
    case invalidRequest = "invalid_request"
    case codeMismatch = "code_mismatch"
    case codeExpired = "code_expired"
    case sessionInvalid = "session_invalid"
    case tokenInvalid = "token_invalid"
    case originRefused = "origin_refused"
    case misdirected = "misdirected"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case bodyTooLarge = "body_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case rateLimited = "rate_limited"
    case mailUnavailable = "mail_unavailable"
    case storeUnavailable = "store_unavailable"
    case `internal` = "internal"
}
