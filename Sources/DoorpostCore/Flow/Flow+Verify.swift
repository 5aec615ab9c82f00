extension Flow {
    /// Somebody answers a challenge.
    ///
    /// The one place where a code is looked at, in this order: the attempt is counted and
    /// committed; the answer is compared in constant time; the token is signed, so that a
    /// missing key costs nobody a code; the challenge is consumed, exactly once. A crash at any
    /// point costs an attempt, never gives one.
    ///
    /// - Parameter attemptsLeft: how many attempts the asker's round has left; with another
    ///   number the round is over, and nothing is counted. Nil where no rounds are kept.
    /// - Throws: ``FlowError``: the store or the signing key did not answer.
    package func verify(
        _ answer: CodeAnswer, challenge: ChallengeID, attemptsLeft: Int? = nil,
        in context: SignInContext
    ) async throws(FlowError) -> VerifyOutcome {
        let counted: CountedAttempt
        switch try countAttempt(at: challenge, attemptsLeft, in: context) {
        case .counted(let attempt): counted = attempt
        case .unknown: return .unknownChallenge
        case .consumed: return .used
        case .expired: return .expired
        case .triesUsedUp: return .triesUsedUp
        case .limited(let hit):
            return .limited(retryAfter: hit.freeAt - clock.now, limit: hit.name)
        }
        let isRight = keys.matches(
            answer, hash: counted.codeHash, challenge: challenge, purpose: context.purpose)
        guard isRight else { return try refuse(counted, in: context) }
        return try await consume(counted, in: context)
    }

    private func countAttempt(
        at challenge: ChallengeID, _ attemptsLeft: Int?, in context: SignInContext
    ) throws(FlowError) -> ChallengeAttemptResult {
        do {
            return try store.countAttempt(
                ChallengeAttempt(
                    challenge: challenge, attempt: randomID(), purpose: context.purpose,
                    attemptsLeft: attemptsLeft, now: clock.now,
                    accountRates: policy.limits.failuresPerAccount,
                    rules: policy.limits.rules(forAttemptFrom: context.source)))
        } catch {
            throw FlowError(error)
        }
    }

    private func refuse(_ counted: CountedAttempt, in context: SignInContext) throws(FlowError)
        -> VerifyOutcome
    {
        let isLast = counted.attemptsLeft <= 0
        do {
            try store.appendAudit(
                context.audit(
                    isLast ? .triesUsedUp : .codeWrong, user: counted.user, at: clock.now))
        } catch {
            throw FlowError(error)
        }
        return isLast ? .triesUsedUp : .wrong(attemptsLeft: counted.attemptsLeft)
    }

    private func consume(
        _ counted: CountedAttempt, in context: SignInContext
    ) async throws(FlowError) -> VerifyOutcome {
        guard let (user, isNew) = try userToSignIn(counted) else {
            return try refuse(counted, in: context)
        }
        let session = newSession(for: user, in: context)
        let credential = try await credential(of: session, user: user, in: context)
        let now = clock.now
        let consumption = ChallengeConsumption(
            challenge: counted.challenge, attempt: counted.attempt, now: now,
            newUser: isNew ? user : nil, session: session,
            audit: context.audit(.signedIn, user: user.id, at: now, detail: session.id.text))
        let result: ChallengeConsumptionResult
        do {
            result = try store.consumeChallenge(consumption)
        } catch {
            throw FlowError(error)
        }
        switch result {
        case .consumed:
            return .signedIn(SignIn(user: user, session: session, credential: credential))
        case .alreadyConsumed: return .used
        case .expired: return .expired
        case .userGone: return try refuse(counted, in: context)
        }
    }

    /// Whoever the challenge was for, or is about to become a user by it.
    private func userToSignIn(_ counted: CountedAttempt) throws(FlowError)
        -> (user: User, isNew: Bool)?
    {
        do {
            if let id = counted.user {
                guard let user = try store.user(.id(id)), user.isEnabled else { return nil }
                return (user, false)
            }
            guard let address = counted.signup, policy.signup.allows(address) else { return nil }
            // Added meanwhile: by another sign-up from another device, or by an administrator.
            if let user = try store.user(.email(address)) {
                return user.isEnabled ? (user, false) : nil
            }
            // No login name: only an administrator ties a user to a Linux account.
            let id = signupUser(of: counted.challenge)
            return (User(id: id, email: address, createdAt: clock.now), true)
        } catch {
            throw FlowError(error)
        }
    }

    private func newSession(for user: User, in context: SignInContext) -> LoginSession {
        let now = clock.now
        let isWeb = context.door == .web
        let lifetime =
            isWeb
            ? context.client?.refreshLifetime ?? policy.web.refreshLifetime
            : policy.sessionLifetime
        return LoginSession(
            id: SessionID(randomID()), user: user.id, door: context.door.rawValue,
            service: context.service, host: context.host, source: context.source.text,
            sourceKey: context.source.limitKey, tty: context.tty, createdAt: now,
            expiresAt: now + lifetime, refreshGeneration: isWeb ? 0 : nil)
    }

    private func credential(
        of session: LoginSession, user: User, in context: SignInContext
    ) async throws(FlowError) -> SignIn.Credential {
        switch context.door {
        case .web:
            return .web(try await grant(for: session, of: user, at: clock.now, to: context.client))
        case .pam:
            do {
                return .sessionToken(
                    try await tokens.issue(claims(of: session, user: user, in: context)))
            } catch {
                throw FlowError(error)
            }
        }
    }

    private func claims(
        of session: LoginSession, user: User, in context: SignInContext
    ) -> SessionClaims {
        SessionClaims(
            user: user.id.text, audience: "host:\(context.host)", session: session.id.text,
            email: user.email.canonical, login: user.login?.name ?? "", host: context.host,
            service: context.service, rhost: context.source.text, tty: context.tty,
            issuedAt: session.createdAt.seconds, expiresAt: session.expiresAt.seconds)
    }
}

/// What came of ``Flow/verify(_:challenge:in:)``.
package enum VerifyOutcome: Sendable {
    case signedIn(SignIn)
    case wrong(attemptsLeft: Int)
    /// This was the last try, or there was none left.
    case triesUsedUp
    case expired
    /// The code was right once, and is spent.
    case used
    /// No such challenge, one for another purpose, or a round that is over.
    case unknownChallenge
    case limited(retryAfter: Span, limit: LimitName)
}

/// A successful sign-in.
package struct SignIn: Sendable {
    package var user: User
    package var session: LoginSession
    package var credential: Credential

    /// What the person gets to show. A secret.
    package enum Credential: Sendable {
        /// PAM: the signed token for the session file.
        case sessionToken(String)
        case web(WebGrant)
    }

    package init(user: User, session: LoginSession, credential: Credential) {
        self.user = user
        self.session = session
        self.credential = credential
    }
}

extension SignIn: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "SignIn(\(session.id), redacted)" }
    package var debugDescription: String { description }
}
