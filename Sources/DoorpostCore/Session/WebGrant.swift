/// What a web client gets for a sign-in or a refresh.
package struct WebGrant: Hashable, Sendable {
    package var idToken: String
    package var accessToken: String
    package var refreshToken: String
    /// How long the access token lives.
    package var expiresIn: Span
    /// How long the family of the refresh token lives still.
    package var refreshExpiresIn: Span
}

extension WebGrant: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "WebGrant(redacted)" }
    package var debugDescription: String { description }
}
