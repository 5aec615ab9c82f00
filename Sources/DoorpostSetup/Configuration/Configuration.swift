package import DoorpostCore
package import DoorpostMail
package import DoorpostTokens

/// What `doorpost.yaml` says, checked, with every default filled in (CONTRACT.md §4).
package struct Configuration: Hashable, Sendable {
    /// The file it was read from, as it was named.
    package var path: String
    /// The public URL; `iss` of every token.
    package var issuer: String
    /// The user pool's id, as in the Cognito API.
    package var pool: String
    package var store: StoreLocation
    /// The central Doorpost that this machine asks; nil has a store of its own.
    package var center: CenterSection?
    /// The directory of the signing keys and of the flow's secret.
    package var keys: String
    /// The user that root drops to before the store is opened; nil keeps whoever runs.
    package var runAs: String?
    package var mail: MailSection
    package var code: CodePolicy
    package var limits: LimitPolicy
    package var signup: SignupPolicy
    package var tokens: TokenSection
    package var http: HTTPSection
    package var pam: PAMSection
    package var triggers: TriggerSection

    /// The file of the flow's master secret (``SecretFile``).
    package var secretFile: String { "\(keys)/secret.key" }
}

extension Configuration {
    /// The host of ``issuer``: what people know this Doorpost by.
    package var issuerHost: String { WebAddress.host(ofIssuer: issuer) }
}

/// How mails leave (`mail:`).
package struct MailSection: Hashable, Sendable {
    package var from: MailSender
    /// Where mails that come back go, each to a tag of its own; nil is ``from``.
    package var bounces: BounceAddress?
    package var transport: MailTransport
    package var username: String?
    /// The file that holds the relay's password in its first line.
    package var passwordFile: String?
    package var tls: MailTLS
    /// Certificates to trust in the place of the system's.
    package var caFile: String?
}

/// What tokens are signed with and how long they live (`tokens:`).
package struct TokenSection: Hashable, Sendable {
    package var algorithm: KeyAlgorithm
    package var id: Span
    package var access: Span
    package var refresh: Span
    package var refreshGrace: Span
}

/// The HTTP endpoint (`http:`).
package struct HTTPSection: Hashable, Sendable {
    package var listen: NetworkAddress
    /// Addresses and networks whose `X-Forwarded-For` is believed.
    package var trustedProxies: [String]
    package var corsOrigins: [String]
    package var applications: [String]
    package var tlsCertificate: String?
    package var tlsKey: String?
}

/// The PAM door (`pam:`).
package struct PAMSection: Hashable, Sendable {
    package var sessionLifetime: Span
    package var sessionDirectory: String
    /// How long one login may take in all.
    package var deadline: Span
    /// The prompt in the place of the standard one.
    package var prompt: String?
}
