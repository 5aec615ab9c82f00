package import DoorpostCore
internal import JWTKit

/// Signs session tokens with the key whose turn it is, and checks them with the published ones.
package final class KeyRingTokenIssuer: TokenIssuer {
    private let issuer: String
    /// `iss` of the tokens that app clients get.
    private let poolIssuer: String
    private let policy: KeyPolicy
    private let keys: KeyCache

    /// Reads nothing yet: the first token does, so that a helper which signs none pays nothing.
    ///
    /// - Parameters:
    ///   - issuer: `iss` of every token: the public URL of this Doorpost.
    ///   - pool: The user pool's id, which follows in the `iss` of app clients' tokens.
    package init(directory: KeyDirectory, issuer: String, pool: String = "local_Main") {
        self.issuer = issuer
        poolIssuer = "\(issuer)/\(pool)"
        policy = directory.policy
        keys = KeyCache(directory)
    }

    /// Reads the key that signs now, so that the next token need not: for the time in which a person
    /// looks for the mail, and for `readyz`.
    package func prepare(at now: Timestamp) async throws(TokenError) {
        _ = try await signingKey(at: now)
    }

    /// Signs with the key whose turn it is at the time the claims say they are issued.
    package func issue(_ claims: SessionClaims, changes: TokenChanges.Claims)
        async throws(TokenError) -> String
    {
        try checkLife(from: claims.issuedAt, to: claims.expiresAt)
        let key = try await signingKey(at: Timestamp(seconds: claims.issuedAt))
        return try await sign(SessionPayload(claims, issuer: issuer), changes, with: key)
    }

    package func issue(_ claims: WebClaims) async throws(TokenError) -> WebTokens {
        try checkLife(from: claims.issuedAt, to: claims.idExpiresAt)
        try checkLife(from: claims.issuedAt, to: claims.accessExpiresAt)
        let claims = try claims.changed()
        let (id, access) = (claims.changes.id, claims.changes.access)
        let key = try await signingKey(at: Timestamp(seconds: claims.issuedAt))
        if let client = claims.client {
            return WebTokens(
                id: try await sign(
                    PoolIDPayload(claims, client, issuer: poolIssuer), id, with: key),
                access: try await sign(
                    PoolAccessPayload(claims, client, issuer: poolIssuer), access, with: key))
        }
        return WebTokens(
            id: try await sign(IDPayload(claims, issuer: issuer), id, with: key),
            access: try await sign(AccessPayload(claims, issuer: issuer), access, with: key))
    }

    private func sign(
        _ payload: some JWTPayload, _ changes: TokenChanges.Claims, with key: LoadedKey
    ) async throws(TokenError) -> String {
        let token =
            changes.isEmpty
            ? try await key.sign(payload) : try await key.sign(ChangedPayload(payload, changes))
        guard token.utf8.count <= TokenEnvelope.longest else {
            throw TokenError(.invalid, "the claims make a token that nobody would read: too long")
        }
        return token
    }

    package func verify(_ token: String, audience: String?, now: Timestamp)
        async throws(TokenError) -> SessionClaims
    {
        try SessionRules(issuer: issuer, audience: audience, now: now)
            .claims(of: try await payload(signedIn: token, now: now))
    }

    package func verifyAccess(_ token: String, now: Timestamp)
        async throws(TokenError) -> AccessClaims
    {
        try AccessRules(issuer: issuer, now: now)
            .claims(of: try await payload(signedIn: token, now: now))
    }

    package func verifyPoolAccess(_ token: String, now: Timestamp)
        async throws(TokenError) -> AccessClaims
    {
        try PoolAccessRules(issuer: poolIssuer, now: now)
            .claims(of: try await payload(signedIn: token, now: now))
    }

    package func claims(of token: String, audience: String?, now: Timestamp)
        async throws(TokenError) -> TokenClaims
    {
        let payload = try await payload(signedIn: token, now: now)
        if TokenRules.isIssued(by: poolIssuer, payload) {
            return .web(try poolClaims(payload, audience: audience, now: now))
        }
        // The rules of each use check again that this is its use.
        switch TokenRules.use(of: payload) {
        case IDPayload.use:
            return .web(
                try IDRules(issuer: issuer, audience: audience, now: now).read(payload).claims)
        case AccessPayload.use:
            let access = try AccessRules(issuer: issuer, now: now).read(payload)
            guard audience == nil else {
                throw TokenError(.wrongUse, "it is an access token, which names no audience")
            }
            return .web(access.claims)
        default:
            return .session(
                try SessionRules(issuer: issuer, audience: audience, now: now).claims(of: payload))
        }
    }

    private func poolClaims(_ payload: [UInt8], audience: String?, now: Timestamp)
        throws(TokenError) -> WebTokenClaims
    {
        if TokenRules.use(of: payload) == IDPayload.use {
            return try PoolIDRules(issuer: poolIssuer, audience: audience, now: now)
                .read(payload).claims
        }
        let access = try PoolAccessRules(issuer: poolIssuer, now: now).read(payload)
        guard audience == nil else {
            throw TokenError(.wrongUse, "it is an access token, which names no audience")
        }
        return access.claims
    }

    /// The payload of a token that one of our published keys has signed.
    private func payload(signedIn token: String, now: Timestamp)
        async throws(TokenError) -> [UInt8]
    {
        let envelope = try TokenEnvelope(token)
        let published = try keys.ring().published(at: now)
        guard let record = published.first(where: { $0.id == envelope.key }) else {
            throw TokenError(.invalid, "it names no key of this Doorpost, or one that is retired")
        }
        guard try await keys.key(record).hasSigned(envelope) else {
            throw TokenError(.invalid, "its signature does not fit")
        }
        return envelope.payload
    }

    /// The key set (RFC 7517) as relying parties fetch it: public keys only.
    package func jwks(now: Timestamp) async throws(TokenError) -> [UInt8] {
        var members: [String] = []
        for record in try keys.ring().published(at: now) {
            members.append(try await keys.key(record).publicKey.json)
        }
        return Array(#"{"keys":[\#(members.joined(separator: ","))]}"#.utf8)
    }

    /// The key whose turn it is.
    private func signingKey(at time: Timestamp) async throws(TokenError) -> LoadedKey {
        let ring = try keys.ring()
        guard let record = ring.signing(at: time) else {
            throw TokenError(
                .keysUnavailable,
                ring.records.isEmpty
                    ? "there is no signing key; doorpost key rotate makes one"
                    : "no key signs yet; check the clock, or doorpost key list")
        }
        return try await keys.key(record)
    }

    /// Nothing is signed that would not be accepted, or that would outlive its key.
    private func checkLife(from issued: Int64, to expires: Int64) throws(TokenError) {
        let times = 0...99_999_999_999 as ClosedRange<Int64>
        guard times.contains(issued), times.contains(expires), issued < expires else {
            throw TokenError(.invalid, "the claims expire before they begin")
        }
        let life = Span.seconds(expires - issued)
        guard life <= policy.longestTokenLife else {
            throw TokenError(
                .invalid,
                "a life of \(life.wholeSeconds) s is longer than the keys are kept for"
                    + " (\(policy.longestTokenLife.wholeSeconds) s)")
        }
    }
}
