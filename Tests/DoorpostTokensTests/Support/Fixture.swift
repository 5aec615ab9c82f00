import DoorpostCore
import DoorpostTokens

/// A key directory with one key, an issuer over it, and a time.
struct Fixture: Sendable {
    static let issuer = "https://login.example.org"
    static let now = Timestamp(seconds: 1_800_000_000)

    let temporary = TemporaryDirectory()
    let directory: KeyDirectory
    let tokens: KeyRingTokenIssuer
    let key: KeyRecord

    init(_ algorithm: KeyAlgorithm = .es256) throws {
        directory = KeyDirectory(path: "\(temporary.path)/keys")
        key = try directory.initialize(algorithm: algorithm, now: Self.now - .days(1))
        tokens = KeyRingTokenIssuer(directory: directory, issuer: Self.issuer)
    }

    /// Path of the first key's file.
    var keyFile: String { "\(directory.path)/\(key.id).pem" }

    static func claims(
        at now: Timestamp = now, life: Int64 = 3600, audience: String = "host:wks1"
    ) -> SessionClaims {
        SessionClaims(
            user: "u-1", audience: audience, session: "s-1", email: "ann@example.org",
            login: "ann", host: "wks1", service: "sshd", rhost: "192.0.2.7", tty: "ssh",
            issuedAt: now.seconds, expiresAt: now.seconds + life)
    }

    /// A web session that began 10,000 s ago; the id token lives half as long as the access token.
    static func webClaims(at now: Timestamp = now) -> WebClaims {
        WebClaims(
            user: "u-1", session: "s-1", audience: "app", email: "ann@example.org", name: "Ann",
            login: "ann", groups: ["admin", "staff"], idTokenID: "id-1",
            accessTokenID: "access-1", authenticatedAt: now.seconds - 10_000,
            issuedAt: now.seconds, idExpiresAt: now.seconds + 1800,
            accessExpiresAt: now.seconds + 3600)
    }
}
