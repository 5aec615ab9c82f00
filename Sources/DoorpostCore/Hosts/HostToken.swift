/// Somebody on a host has a token and asks whether it is good.
package struct HostToken: Codable, Sendable {
    package var host: String
    /// A secret.
    package var token: String
    /// Whom it must be meant for; nil is anybody.
    package var audience: String?

    package init(host: String, token: String, audience: String?) {
        self.host = host
        self.token = token
        self.audience = audience
    }
}

extension HostToken: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "HostToken(redacted)" }
    package var debugDescription: String { description }
}

/// The answer to ``HostToken``: claims and their issuer, or why the token is not valid.
package struct HostTokenAnswer: Codable, Sendable {
    package var refusal: String?
    /// `iss`
    package var issuer: String?
    package var session: SessionClaims?
    package var web: WebTokenClaims?

    package init(refusal: String) { self.refusal = refusal }

    package init(_ claims: TokenClaims, issuer: String) {
        self.issuer = issuer
        switch claims {
        case .session(let claims): session = claims
        case .web(let claims): web = claims
        }
    }

    /// What the host makes of it; nil if this version does not understand it.
    package var verdict: TokenVerdict? {
        if let refusal { return .refused(refusal) }
        guard let issuer else { return nil }
        return (session.map(TokenClaims.session) ?? web.map(TokenClaims.web)).map {
            .good($0, issuer: issuer)
        }
    }
}

/// What came of looking at a token.
package enum TokenVerdict: Hashable, Sendable {
    case good(TokenClaims, issuer: String)
    /// With the reason, for who asked.
    case refused(String)
}
