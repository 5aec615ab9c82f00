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
    package var tty: String
    package var createdAt: Timestamp
    package var expiresAt: Timestamp
    package var revokedAt: Timestamp?

    package init(
        id: SessionID, user: UserID, door: String, service: String, host: String, source: String,
        tty: String, createdAt: Timestamp, expiresAt: Timestamp, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.user = user
        self.door = door
        self.service = service
        self.host = host
        self.source = source
        self.tty = tty
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}
