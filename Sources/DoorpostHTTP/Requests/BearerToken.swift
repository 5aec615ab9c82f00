import HTTPTypes

/// The bearer token of a call (RFC 6750 §2.1).
enum BearerToken {
    /// The scheme's name is not case sensitive (RFC 9110 §11.1); the token is all that follows.
    static func of(_ call: Call) -> String? {
        guard let header = call.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
