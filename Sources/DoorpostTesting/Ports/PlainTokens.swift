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

    package func issue(_ claims: SessionClaims) async throws(TokenError) -> String {
        if let error = failure.withLock({ $0 }) { throw error }
        return "token-for-\(claims.session)"
    }

    package func verify(_ token: String, audience: String?, now: Timestamp)
        async
        throws(TokenError) -> SessionClaims
    {
        throw TokenError(.invalid, "plain tokens are not verified")
    }
}
