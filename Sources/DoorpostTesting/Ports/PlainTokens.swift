package import DoorpostCore
import Synchronization

/// A token issuer without cryptography: the token names the session. Fails as it is told to.
package final class PlainTokens: TokenIssuer {
    private let failure = Mutex<TokenError?>(nil)

    package init() {}

    /// What every call throws from now on; nil to work again.
    package func fail(with error: TokenError?) {
        failure.withLock { $0 = error }
    }

    package func issue(_ claims: SessionClaims, changes: TokenChanges.Claims)
        async throws(TokenError) -> String
    {
        if let error = failure.withLock({ $0 }) { throw error }
        return "token-for-\(claims.session)"
    }

    package func verify(_ token: String, audience: String?, now: Timestamp)
        async
        throws(TokenError) -> SessionClaims
    {
        throw TokenError(.invalid, "plain tokens are not verified")
    }

    package func issue(_ claims: WebClaims) async throws(TokenError) -> WebTokens {
        if let error = failure.withLock({ $0 }) { throw error }
        let access =
            "access \(claims.user) \(claims.session) \(claims.authenticatedAt) "
            + "\(claims.issuedAt) \(claims.accessExpiresAt)"
        return WebTokens(id: "id-for-\(claims.user)", access: access)
    }

    package func jwks(now: Timestamp) async throws(TokenError) -> [UInt8] {
        if let error = failure.withLock({ $0 }) { throw error }
        return Array(#"{"keys":[]}"#.utf8)
    }

    package func prepare(at now: Timestamp) async throws(TokenError) {
        if let error = failure.withLock({ $0 }) { throw error }
    }

    package func claims(of token: String, audience: String?, now: Timestamp)
        async throws(TokenError) -> TokenClaims
    {
        throw TokenError(.invalid, "plain tokens are not verified")
    }

    package func verifyPoolAccess(_ token: String, now: Timestamp)
        async throws(TokenError) -> AccessClaims
    {
        throw TokenError(.invalid, "plain tokens of clients are not verified")
    }

    package func verifyAccess(_ token: String, now: Timestamp)
        async throws(TokenError) -> AccessClaims
    {
        if let error = failure.withLock({ $0 }) { throw error }
        let parts = token.split(separator: " ")
        let numbers = parts.dropFirst(3).compactMap { Int64($0) }
        guard parts.count == 6, parts[0] == "access", numbers.count == 3 else {
            throw TokenError(.invalid, "not an access token")
        }
        guard now < Timestamp(seconds: numbers[2]) else { throw TokenError(.expired, "") }
        return AccessClaims(
            user: String(parts[1]), session: String(parts[2]), authenticatedAt: numbers[0],
            issuedAt: numbers[1], expiresAt: numbers[2])
    }
}
