/// The identity of a login session: the `jti` of its token, 32 lower-case hexadecimal digits.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// What exists after a successful sign-in, until it expires or is revoked.
package struct LoginSession: Hashable, Sendable {
    package var id: SessionID
    package var user: UserID
    /// `pam` or `web`.
    package var door: String
    package var service: String
    package var host: String
    package var source: String
    /// Under which the source is limited (``Source/limitKey``): who signed in from there before
    /// is no stranger. Nil for the console.
    package var sourceKey: String?
    package var tty: String
    package var createdAt: Timestamp
    package var expiresAt: Timestamp
    package var revokedAt: Timestamp?
    /// Which refresh token of its family is good now; nil if it has none (PAM).
    package var refreshGeneration: Int?
    /// When that one took the place of the one before it.
    package var refreshedAt: Timestamp?

    package init(
        id: SessionID, user: UserID, door: String, service: String, host: String, source: String,
        sourceKey: String? = nil, tty: String, createdAt: Timestamp, expiresAt: Timestamp,
        revokedAt: Timestamp? = nil, refreshGeneration: Int? = nil, refreshedAt: Timestamp? = nil
    ) {
        self.id = id
        self.user = user
        self.door = door
        self.service = service
        self.host = host
        self.source = source
        self.sourceKey = sourceKey
        self.tty = tty
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.refreshGeneration = refreshGeneration
        self.refreshedAt = refreshedAt
    }

    /// Neither revoked nor past its time.
    package func isLive(at now: Timestamp) -> Bool { revokedAt == nil && now < expiresAt }
}
