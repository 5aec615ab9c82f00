import HTTPTypes
import NIOCore
import NIOHTTP1

/// What a request's head must fulfil before anybody looks at what it asks.
struct RequestRules {
    let limits: ServerLimits

    /// Why a head is refused, or nil.
    func refusal(of head: HTTPRequestHead) -> APIError? {
        guard head.version == .http1_1 || head.version == .http1_0 else { return .versionRefused }
        let hosts = head.headers["host"].count
        guard hosts == 1 || (hosts == 0 && head.version == .http1_0) else {
            return .invalidRequest("A request has exactly one Host.")
        }
        guard head.method != .CONNECT else { return .noTunnel }
        // HTTP/1.0 has no chunks: some proxy before us would read such a request otherwise.
        let codings = head.headers["transfer-encoding"]
        if !codings.isEmpty {
            guard head.version == .http1_1, codings.count == 1,
                codings.first?.lowercased() == "chunked",
                !head.headers.contains(name: "content-length")
            else { return .invalidRequest("It must be plain where the body ends.") }
        }
        if let length = head.headers.first(name: "content-length"),
            (Int(length) ?? .max) > limits.bodyBytes
        {
            return .bodyTooLarge
        }
        let expectations = head.headers["expect"]
        guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
            return .expectationRefused
        }
        return nil
    }

    /// Why the decoder gave up.
    static func refusal(for error: HTTPParserError) -> APIError {
        switch error {
        case .headerOverflow: .headersTooLarge
        case .invalidVersion: .versionRefused
        default: .invalidRequest("This is not HTTP/1.1.")
        }
    }

    /// Whether the client waits for a word before it sends the body.
    static func awaitsContinue(_ head: HTTPRequestHead) -> Bool {
        head.version == .http1_1 && head.headers.contains(name: "expect")
            && (head.headers.contains(name: "content-length")
                || head.headers.contains(name: "transfer-encoding"))
    }

    /// Whether more requests may follow. Not after an offer to change the protocol: we answer in
    /// this one, and the decoder reads nothing more after it.
    static func keepsAlive(_ head: HTTPRequestHead) -> Bool {
        head.isKeepAlive && !head.headers.contains(name: "upgrade")
    }
}

// Refusals before a request is one (CONTRACT.md §6 has no codes of its own for them).
extension APIError {
    static let headersTooLarge = Self(
        .requestHeaderFieldsTooLarge, .invalidRequest,
        "The request's headers are more than 100 fields or 16 KiB.")
    static let versionRefused = Self(
        .httpVersionNotSupported, .invalidRequest, "This server speaks HTTP/1.1.")
    static let noTunnel = Self(.notImplemented, .invalidRequest, "This server is no proxy.")
    static let expectationRefused = Self(
        .expectationFailed, .invalidRequest, "The only expectation known here is 100-continue.")
    static let tooSlow = Self(
        .requestTimeout, .invalidRequest, "The request did not come whole in time.")
}
