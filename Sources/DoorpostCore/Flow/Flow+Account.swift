// What somebody may do to the own account with an access token of an app client.
extension Flow {
    /// Whose token this is.
    ///
    /// - Throws: ``FlowError``: the store or the keys did not answer.
    package func owner(ofPoolAccessToken token: String) async throws(FlowError) -> TokenOwner {
        let now = clock.now
        let claims: AccessClaims
        do {
            claims = try await tokens.verifyPoolAccess(token, now: now)
        } catch {
            switch error.code {
            case .keysUnavailable: throw FlowError(error)
            case .expired: return .expired
            default: return .invalid
            }
        }
        do {
            guard let session = try store.session(SessionID(claims.session)),
                session.isLive(at: now), session.user.text == claims.user,
                session.service == claims.client,
                let user = try store.user(.id(session.user)), user.isEnabled
            else { return .revoked }
            return .signedIn(SignedIn(user: user, session: session, claims: claims))
        } catch {
            throw FlowError(error)
        }
    }

    /// Gives the user a name, or takes it away.
    ///
    /// - Returns: false if the user is gone.
    /// - Throws: ``FlowError``: the store did not answer.
    package func setName(_ name: String?, of signedIn: SignedIn, in context: SignInContext)
        throws(FlowError) -> Bool
    {
        do {
            return try store.setName(
                name, of: signedIn.user.id,
                audit: context.audit(
                    .userChanged, user: signedIn.user.id, at: clock.now, detail: "set name"))
        } catch {
            throw FlowError(error)
        }
    }

    /// Deletes the user, who must have no Linux login name: what an administrator has tied to an
    /// account of a machine is not for a web token to untie.
    ///
    /// - Returns: false if the user has one, or is gone.
    /// - Throws: ``FlowError``: the store did not answer.
    package func deleteAccount(of signedIn: SignedIn, in context: SignInContext) throws(FlowError)
        -> Bool
    {
        do {
            return try store.deleteUserWithoutLogin(
                signedIn.user.id,
                audit: context.audit(
                    .userDeleted, user: signedIn.user.id, at: clock.now,
                    detail: signedIn.user.email.canonical))
        } catch {
            throw FlowError(error)
        }
    }

    /// Ends all sessions of the user, those of Linux logins included: who asks to be signed out
    /// everywhere may have lost more than a browser.
    ///
    /// - Throws: ``FlowError``: the store did not answer.
    package func signOutEverywhere(_ signedIn: SignedIn, in context: SignInContext)
        throws(FlowError)
    {
        do {
            _ = try store.revokeSessions(
                of: signedIn.user.id,
                audit: context.audit(
                    .sessionRevoked, user: signedIn.user.id, at: clock.now,
                    detail: "signed out everywhere"))
        } catch {
            throw FlowError(error)
        }
    }

    /// Ends the session of a refresh token, spent or not, of this context's client.
    ///
    /// - Throws: ``FlowError``: the store did not answer.
    package func revoke(refreshToken text: String, in context: SignInContext) throws(FlowError)
        -> RevocationOutcome
    {
        guard let token = RefreshToken(text, keys: keys) else { return .noRefreshToken }
        do {
            // One whose session was purged ended long ago.
            if let session = try store.session(token.session), session.service != context.service {
                return .anotherClients
            }
        } catch {
            throw FlowError(error)
        }
        try endSession(token.session, door: context.door.rawValue, reason: "token revoked")
        return .revoked
    }
}

/// What came of ``Flow/owner(ofPoolAccessToken:)``.
package enum TokenOwner: Hashable, Sendable {
    case signedIn(SignedIn)
    /// No access token of ours for an app client.
    case invalid
    case expired
    /// Its session has ended, or the user is disabled or gone.
    case revoked
}

/// What came of ``Flow/revoke(refreshToken:in:)``.
package enum RevocationOutcome: Hashable, Sendable {
    /// Also if the session had ended before.
    case revoked
    case noRefreshToken
    /// Nothing was ended.
    case anotherClients
}
