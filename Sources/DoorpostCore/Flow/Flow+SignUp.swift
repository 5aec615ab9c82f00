extension Flow {
    /// What a user will be called who comes of this challenge, if nobody has the address by then.
    ///
    /// Every challenge has such an id, decoys too, and whoever lacks the secret key cannot tell
    /// whether anybody bears it.
    package func signupUser(of challenge: ChallengeID) -> UserID {
        UserID(Self.uuid(keys.pseudonymBytes("user \(challenge)")))
    }

    /// The challenge that waits for the code of this name's sign-up: of several the newest, whose
    /// code stands in the mail on top.
    ///
    /// - Throws: ``FlowError``: the store did not answer.
    package func openSignup(of who: SignInName, in context: SignInContext) throws(FlowError)
        -> ChallengeID?
    {
        do {
            return try store.newestChallenge(
                subject: subject(of: who), purpose: context.purpose, now: clock.now)
        } catch {
            throw FlowError(error)
        }
    }

    /// Takes up the login session of a sign-up that was confirmed: once, but for the grace of
    /// refresh tokens; a second time ends it.
    ///
    /// - Throws: ``FlowError``: the store or the signing key did not answer.
    package func takeUp(_ session: SessionID, in context: SignInContext) async throws(FlowError)
        -> RefreshOutcome
    {
        // Its first refresh token was given to nobody, so to spend it is to take the session up.
        let outcome = try await refresh(
            RefreshToken(session: session, generation: 0, keys: keys).text, on: .signIn,
            in: context)
        guard triggers != nil, case .refreshed = outcome else { return outcome }
        guard let user = try owner(of: session) else { return .refused }
        do {
            try await authenticated(user, in: context)
        } catch {
            try endSession(session, door: context.door.rawValue, reason: error.detail)
            throw error
        }
        return outcome
    }

    private func owner(of session: SessionID) throws(FlowError) -> User? {
        do {
            guard let session = try store.session(session) else { return nil }
            return try store.user(.id(session.user))
        } catch {
            throw FlowError(error)
        }
    }
}
