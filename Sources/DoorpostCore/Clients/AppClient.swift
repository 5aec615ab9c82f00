/// A program that signs people in through the Cognito API (`doorpost client`).
package struct AppClient: Hashable, Sendable {
    package var id: ClientID
    /// Unique; for administrators.
    package var name: String
    /// The secret, sealed with the flow's keys: whoever checks a `SECRET_HASH` needs it in
    /// clear, whoever steals the store shall not have it. Nil for a public client.
    package var sealedSecret: [UInt8]?
    package var flows: Set<ClientFlow>
    /// How long its tokens live; nil is what `tokens:` says.
    package var idLifetime: Span?
    package var accessLifetime: Span?
    package var refreshLifetime: Span?
    /// How long a `Session` of a running sign-in is good, apart from its code.
    package var sessionLifetime: Span
    /// Refresh tokens are rotated, and the old one is good for so long still; nil: they are not.
    package var refreshGrace: Span?
    package var createdAt: Timestamp

    package init(
        id: ClientID, name: String, sealedSecret: [UInt8]? = nil,
        flows: Set<ClientFlow> = Set(ClientFlow.allCases), idLifetime: Span? = nil,
        accessLifetime: Span? = nil, refreshLifetime: Span? = nil,
        sessionLifetime: Span = .minutes(3), refreshGrace: Span? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.sealedSecret = sealedSecret
        self.flows = flows
        self.idLifetime = idLifetime
        self.accessLifetime = accessLifetime
        self.refreshLifetime = refreshLifetime
        self.sessionLifetime = sessionLifetime
        self.refreshGrace = refreshGrace
        self.createdAt = createdAt
    }

    /// Makes up a secret and keeps it sealed.
    ///
    /// - Returns: the secret, to be told once.
    package mutating func addSecret(keys: FlowKeys, random: any RandomSource) throws
        -> ClientSecret
    {
        let secret = ClientSecret.draw(from: random)
        try keep(secret, keys: keys)
        return secret
    }

    /// Keeps a secret that somebody else made up, sealed.
    package mutating func keep(_ secret: ClientSecret, keys: FlowKeys) throws {
        sealedSecret = try keys.seal(secret, of: id)
    }
}

/// What a client may do; the raw values are Cognito's `ExplicitAuthFlows`.
package enum ClientFlow: String, Hashable, Sendable, CaseIterable {
    /// `CUSTOM_AUTH`: a challenge of triggers, the built-in one being the mailed code.
    case custom = "ALLOW_CUSTOM_AUTH"
    /// `USER_AUTH`: the client chooses among the factors, here `EMAIL_OTP`.
    case user = "ALLOW_USER_AUTH"
    /// `REFRESH_TOKEN_AUTH`, and `GetTokensFromRefreshToken`.
    case refresh = "ALLOW_REFRESH_TOKEN_AUTH"
}
