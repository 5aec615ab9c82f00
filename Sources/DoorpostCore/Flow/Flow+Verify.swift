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
        let rounds = try openRounds(counted.sealedRounds, of: challenge)
        // Begun, and then whoever asked the triggers died: they have not let it begin.
        if rounds == nil, needsLeave(in: context) { return try refuse(counted, in: context) }
        let isRight: Bool
        let step: NextStep
        do {
            isRight = try await self.isRight(answer, to: counted, rounds, in: context)
            step = try await Decisions(triggers, in: context).next(
                about: rounds?.subject(in: context),
                after: rounds?.answered(isRight: isRight) ?? [
                    AnsweredRound(name: AnsweredRound.customChallenge, isRight: isRight)
                ], attemptsLeft: counted.attemptsLeft)
            if case .ask(let name) = step, let rounds {
                return try await nextRound(
                    named: name, after: counted, rounds, isRight: isRight, in: context)
            }
        } catch {
            if error.trigger != nil {
                try end(
                    challenge, of: counted.user, isAbandoned: true, .triggerFailed, error.detail,
                    in: context)
            }
            throw error
        }
        switch step {
        case .issueTokens: return try await consume(counted, in: context)
        case .ask: return try refuse(counted, in: context)
        case .fail:
            if counted.attemptsLeft <= 0 { return try refuse(counted, in: context) }
            try end(
                challenge, of: counted.user, isAbandoned: false, .triesUsedUp,
                "by trigger \(TriggerPoint.defineAuthChallenge.rawValue)", in: context)
            return .triesUsedUp
        }
    }

    /// Whether an answer is right: the mailed code, or what a trigger says.
    private func isRight(
        _ answer: CodeAnswer, to counted: CountedAttempt, _ rounds: SignInRounds?,
        in context: SignInContext
    ) async throws(FlowError) -> Bool {
        guard let rounds, let created = rounds.created else {
            return keys.matches(
                answer, hash: counted.codeHash, challenge: counted.challenge,
                purpose: context.purpose)
        }
        let isRight = try await Decisions(triggers, in: context).isRight(
            answer, to: created, of: rounds.subject(in: context))
        // Whatever a trigger says, no answer opens a decoy.
        return isRight && (counted.user != nil || counted.signup != nil)
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
                    rules: policy.limits.rules(
                        forAttemptFrom: context.source, host: context.hostID)))
        } catch {
            throw FlowError(error)
        }
    }

    private func refuse(_ counted: CountedAttempt, in context: SignInContext) throws(FlowError)
        -> VerifyOutcome
    {
        try auditWrongAnswer(counted, in: context)
        return counted.attemptsLeft <= 0
            ? .triesUsedUp : .wrong(attemptsLeft: counted.attemptsLeft)
    }

    func auditWrongAnswer(_ counted: CountedAttempt, in context: SignInContext) throws(FlowError) {
        do {
            try store.appendAudit(
                context.audit(
                    counted.attemptsLeft <= 0 ? .triesUsedUp : .codeWrong, user: counted.user,
                    at: clock.now))
        } catch {
            throw FlowError(error)
        }
    }

    private func consume(
        _ counted: CountedAttempt, in context: SignInContext
    ) async throws(FlowError) -> VerifyOutcome {
        guard let (user, isNew) = try userToSignIn(counted) else {
            return try refuse(counted, in: context)
        }
        // Who signs up by name was asked about when that began.
        if isNew, context.act == .signIn { try await askBeforeFirstSignIn(user, in: context) }
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
            if triggers != nil { try await announce(session, of: user, isNew: isNew, in: context) }
            return .signedIn(SignIn(user: user, session: session, credential: credential))
        case .alreadyConsumed: return .used
        case .expired: return .expired
        case .userGone: return try refuse(counted, in: context)
        }
    }

    /// Tells the triggers of a sign-in that was done. Where one fails, nobody gets its tokens.
    private func announce(
        _ session: LoginSession, of user: User, isNew: Bool, in context: SignInContext
    ) async throws(FlowError) {
        do {
            if isNew { try await confirmed(user, in: context) }
            if context.act == .signIn { try await authenticated(user, in: context) }
        } catch {
            try endSession(session.id, door: context.door.rawValue, reason: error.detail)
            throw error
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
            sourceKey: context.knownKey, tty: context.tty, createdAt: now,
            expiresAt: now + lifetime, refreshGeneration: isWeb ? 0 : nil)
    }

    private func credential(
        of session: LoginSession, user: User, in context: SignInContext
    ) async throws(FlowError) -> SignIn.Credential {
        // The tokens of a sign-up that is confirmed are given to nobody.
        let changes =
            context.act == .signIn
            ? try await tokenChanges(for: user, on: .signIn, in: context) : .none
        switch context.door {
        case .web:
            return .web(
                try await grant(
                    for: session, of: user, at: clock.now, to: context.client, changes: changes))
        case .pam:
            do {
                return .sessionToken(
                    try await tokens.issue(
                        claims(of: session, user: user, in: context), changes: changes.id))
            } catch {
                throw FlowError(error, with: changes)
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
    /// A trigger asks something else, or the same anew.
    case asked(TriggerQuestion, isRight: Bool, attemptsLeft: Int)
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
