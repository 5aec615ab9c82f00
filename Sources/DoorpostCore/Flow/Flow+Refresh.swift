extension Flow {
    /// A web client trades its refresh token for new tokens. The old one is spent, but for the
    /// grace; one that was spent before ends the whole family.
    ///
    /// - Throws: ``FlowError``: the store or the signing key did not answer; nothing is spent
    ///   that a repetition within the grace would not give back.
    package func refresh(_ text: String, in context: SignInContext) async throws(FlowError)
        -> RefreshOutcome
    {
        try await refresh(text, on: .refresh, in: context)
    }

    /// - Parameter occasion: what triggers are told that the tokens are for.
    func refresh(_ text: String, on occasion: TokenOccasion, in context: SignInContext)
        async throws(FlowError) -> RefreshOutcome
    {
        guard let token = RefreshToken(text, keys: keys) else { return .refused }
        let now = clock.now
        let result: RefreshRotationResult
        do {
            result = try store.rotateRefresh(
                RefreshRotation(
                    session: token.session, generation: token.generation,
                    service: context.service, now: now,
                    grace: context.client?.refreshGrace ?? policy.web.refreshGrace,
                    audit: context.audit(
                        .refreshReused, user: nil, at: now, detail: token.session.text)))
        } catch {
            throw FlowError(error)
        }
        switch result {
        case .rotated(let session, let user):
            return try await refreshed(
                session, of: user, at: now, on: occasion, in: context, isRepeated: false)
        case .repeated(let session, let user):
            return try await refreshed(
                session, of: user, at: now, on: occasion, in: context, isRepeated: true)
        case .reused: return .reused
        case .ended: return .refused
        }
    }

    /// New tokens for a refresh token that stays good: what clients get whose tokens are not
    /// rotated.
    ///
    /// - Throws: ``FlowError``: the store or the signing key did not answer.
    package func renew(_ text: String, in context: SignInContext) async throws(FlowError)
        -> RefreshOutcome
    {
        guard let (session, user) = try family(of: text, in: context) else { return .refused }
        return try await refreshed(
            session, of: user, at: clock.now, on: .refresh, in: context, isRepeated: false)
    }

    /// Whose refresh token this is, as long as it would be taken in this context. Spends nothing.
    ///
    /// - Throws: ``FlowError``: the store did not answer.
    package func owner(ofRefreshToken text: String, in context: SignInContext) throws(FlowError)
        -> User?
    {
        try family(of: text, in: context)?.user
    }

    private func family(of text: String, in context: SignInContext) throws(FlowError)
        -> (session: LoginSession, user: User)?
    {
        guard let token = RefreshToken(text, keys: keys) else { return nil }
        do {
            guard let session = try store.session(token.session), session.isLive(at: clock.now),
                session.service == context.service, let newest = session.refreshGeneration,
                // Where tokens are rotated, an older one is looked at by the rotation.
                context.client?.refreshGrace != nil || token.generation == newest,
                let user = try store.user(.id(session.user)), user.isEnabled
            else { return nil }
            return (session, user)
        } catch {
            throw FlowError(error)
        }
    }

    private func refreshed(
        _ session: LoginSession, of user: User, at now: Timestamp, on occasion: TokenOccasion,
        in context: SignInContext, isRepeated: Bool
    ) async throws(FlowError) -> RefreshOutcome {
        // Tokens count in whole seconds: in the session's last one, none has any life left.
        guard now.seconds < session.expiresAt.seconds else { return .refused }
        let changes = try await tokenChanges(for: user, on: occasion, in: context)
        return .refreshed(
            try await grant(
                for: session, of: user, at: now, to: context.client, changes: changes),
            isRepeated: isRepeated)
    }

    /// Ends the session of a refresh token of ours, spent or not.
    ///
    /// - Throws: ``FlowError``: the store did not answer.
    package func logOut(refreshToken text: String, in context: SignInContext) throws(FlowError) {
        guard let token = RefreshToken(text, keys: keys) else { return }
        try endSession(token.session, door: context.door.rawValue, reason: "signed out")
    }

    /// Whose access token this is, as long as its session lives and its user may sign in.
    ///
    /// - Returns: nil if the token is not good, or its session has ended.
    /// - Throws: ``FlowError``: the store or the keys did not answer.
    package func owner(ofAccessToken token: String) async throws(FlowError) -> SignedIn? {
        let now = clock.now
        let claims: AccessClaims
        do {
            claims = try await tokens.verifyAccess(token, now: now)
        } catch {
            if error.code == .keysUnavailable { throw FlowError(error) }
            return nil
        }
        do {
            guard let session = try store.session(SessionID(claims.session)),
                session.isLive(at: now), session.user.text == claims.user,
                let user = try store.user(.id(session.user)), user.isEnabled
            else { return nil }
            return SignedIn(user: user, session: session, claims: claims)
        } catch {
            throw FlowError(error)
        }
    }

    /// Signs the tokens of a web session as it stands now.
    func grant(
        for session: LoginSession, of user: User, at now: Timestamp, to client: AppClient?,
        changes: TokenChanges
    ) async throws(FlowError) -> WebGrant {
        // Never longer than the session: who signed out of everything is out.
        let idLifetime = client?.idLifetime ?? policy.web.idLifetime
        let accessLifetime = client?.accessLifetime ?? policy.web.accessLifetime
        let idEnd = min(now + idLifetime, session.expiresAt)
        let accessEnd = min(now + accessLifetime, session.expiresAt)
        let claims = WebClaims(
            user: user.id.text, session: session.id.text,
            client: client.map { WebClaims.Client(id: $0.id.text, event: randomUUID()) },
            audience: client?.id.text ?? policy.web.audience,
            email: user.email.canonical, name: user.name, login: user.login?.name,
            groups: changes.groups ?? user.groups, idTokenID: randomID(), accessTokenID: randomID(),
            // A clock that was set back a little makes no token that nobody would take.
            authenticatedAt: min(session.createdAt, now).seconds, issuedAt: now.seconds,
            idExpiresAt: idEnd.seconds, accessExpiresAt: accessEnd.seconds,
            changes: changes)
        let signed: WebTokens
        do {
            signed = try await tokens.issue(claims)
        } catch {
            throw FlowError(error, with: changes)
        }
        let refresh = RefreshToken(
            session: session.id, generation: session.refreshGeneration ?? 0, keys: keys)
        return WebGrant(
            idToken: signed.id, accessToken: signed.access, refreshToken: refresh.text,
            expiresIn: accessEnd - now, refreshExpiresIn: session.expiresAt - now)
    }
}

/// What came of ``Flow/refresh(_:in:)``.
package enum RefreshOutcome: Sendable {
    /// `isRepeated`: the token was spent within the grace, and this is the same successor.
    case refreshed(WebGrant, isRepeated: Bool)
    /// Somebody else has the token, too: the session is ended.
    case reused
    /// No token of ours, or its session is over.
    case refused
}

/// Who is signed in on the web.
package struct SignedIn: Hashable, Sendable {
    package var user: User
    package var session: LoginSession
    package var claims: AccessClaims
}
