extension Flow {
    /// Somebody wants to sign in: starts a challenge, or takes up the one that the same sign-in
    /// has already.
    ///
    /// Who is not in the pool, or is disabled, gets a decoy: a challenge that is counted,
    /// limited and refused like any other, and that no code opens. The outcome shows the
    /// difference to the courier only (``InitiateOutcome/Started/mail``), never to the person.
    ///
    /// - Throws: ``FlowError``: the store did not answer.
    package func initiate(_ who: SignInName, in context: SignInContext) throws(FlowError)
        -> InitiateOutcome
    {
        let now = clock.now
        let account = try account(named: who)
        let draft = try draftChallenge(for: account, in: context, at: now)
        let result: ChallengeStartResult
        do {
            result = try store.startChallenge(draft.start)
        } catch {
            throw FlowError(error)
        }
        switch result {
        case .started(let live):
            return .started(
                .init(live: live, isResumed: false, isDecoy: draft.mail == nil, mail: draft.mail))
        case .resumed(let live, _):
            return .started(
                .init(
                    live: live, isResumed: true, isDecoy: account.user == nil,
                    mail: try claimMail(of: live.id, at: now)))
        case .limited(let hit):
            return .limited(retryAfter: hit.freeAt - now, limit: hit.name)
        }
    }

    /// Whether PAM has a code to ask for: somebody enabled in the pool with this login name.
    ///
    /// - Throws: ``FlowError``: the store did not answer, so nobody may take it for a no.
    package func accountState(login: String) throws(FlowError) -> AccountState {
        guard let name = LoginName(login) else { return .notEnrolled }
        do {
            guard let user = try store.user(.login(name)) else { return .notEnrolled }
            return user.isEnabled ? .enabled : .disabled
        } catch {
            throw FlowError(error)
        }
    }

    /// The mail of a resumed challenge, if an earlier try to hand it over failed.
    private func claimMail(of challenge: ChallengeID, at now: Timestamp) throws(FlowError)
        -> PendingMail?
    {
        let item: OutboxItem?
        do {
            item = try store.claimMail(of: challenge, now: now, until: now + OutboxItem.claimLength)
        } catch {
            throw FlowError(error)
        }
        return try item.map(openMail)
    }

    func openMail(_ item: OutboxItem) throws(FlowError) -> PendingMail {
        do {
            return PendingMail(id: item.id, message: try keys.open(item))
        } catch {
            throw FlowError(
                .internal, "mail \(item.id) cannot be opened: was the secret key changed?")
        }
    }

    private func account(named who: SignInName) throws(FlowError) -> Account {
        do {
            if let reference = who.reference, let user = try store.user(reference), user.isEnabled {
                return Account(
                    subject: "user:\(user.id)", user: user, mailKey: mailKey(user.email.folded))
            }
        } catch {
            throw FlowError(error)
        }
        let pseudonym = keys.pseudonym(who.folded)
        return Account(subject: "decoy:\(pseudonym)", user: nil, mailKey: mailKey(who.folded))
    }

    private func mailKey(_ folded: String) -> LimitKey {
        LimitKey("mails:\(keys.pseudonym(folded))")
    }

    private struct Account {
        var subject: String
        var user: User?
        var mailKey: LimitKey
    }

    private func draftChallenge(
        for account: Account, in context: SignInContext, at now: Timestamp
    ) throws(FlowError) -> (start: ChallengeStart, mail: PendingMail?) {
        let id = ChallengeID(randomID())
        let mailID = MailID(randomID())
        let code = Code.draw(policy.code, from: random)
        let expiresAt = now + policy.code.lifetime
        // A decoy goes through the same motions: the mail is composed and sealed, then dropped.
        let message = CodeMail(
            code: code.display(policy.code.alphabet), context: context,
            lifetime: policy.code.lifetime
        ).message(
            to: account.user?.email, name: account.user?.name, id: mailID, at: now)
        let item: OutboxItem
        do {
            item = OutboxItem(
                id: mailID, challenge: id, user: account.user?.id ?? UserID(""),
                sealed: try keys.seal(message, id: mailID), createdAt: now, expiresAt: expiresAt,
                claimedUntil: now + OutboxItem.claimLength)
        } catch {
            throw FlowError(.internal, "a mail could not be sealed")
        }
        let start = ChallengeStart(
            id: id, subject: account.subject, user: account.user?.id, purpose: context.purpose,
            resumeKey: context.resumeKey,
            codeHash: account.user == nil
                ? random.bytes(32)
                : keys.hash(code.characters, challenge: id, purpose: context.purpose),
            attempts: policy.code.attempts, now: now, expiresAt: expiresAt,
            resendAfter: policy.code.resendAfter, maximumLive: policy.limits.liveChallenges,
            mailKey: account.mailKey, mailRates: policy.limits.mailsPerAddress,
            rules: policy.limits.rules(forStartFrom: context.source, subject: account.subject),
            mail: account.user == nil ? nil : item,
            audit: context.audit(.codeRequested, user: account.user?.id, at: now))
        return (start, account.user == nil ? nil : PendingMail(id: mailID, message: message))
    }
}

/// What somebody says who they are.
package enum SignInName: Hashable, Sendable {
    /// A Linux login name, byte for byte as it came.
    case login(String)
    /// What was typed as a mail address.
    case email(String)

    /// Whom it may name, or nil if it can name nobody.
    var reference: UserReference? {
        switch self {
        case .login(let text): LoginName(text).map(UserReference.login)
        case .email(let text): EmailAddress(text).map(UserReference.email)
        }
    }

    /// Under which somebody who is not in the pool is counted.
    var folded: String {
        switch self {
        case .login(let text): "login \(text)"
        case .email(let text): EmailAddress(text)?.folded ?? "text \(text)"
        }
    }
}

/// What came of ``Flow/initiate(_:in:)``.
package enum InitiateOutcome: Sendable {
    case started(Started)
    /// A limit is used up; nothing was mailed.
    case limited(retryAfter: Span, limit: LimitName)

    package struct Started: Sendable {
        package var live: LiveChallenge
        /// The same sign-in was started before, and its code is still good.
        package var isResumed: Bool
        /// Nobody in the pool is meant, and no code opens this challenge. Never to be shown: a
        /// door may only choose a return code by it that its contract asks for.
        package var isDecoy: Bool
        /// The mail to hand over now, claimed for this caller. Nil for a decoy, and where the
        /// mail of a resumed challenge is out already or in other hands.
        package var mail: PendingMail?
    }
}

/// A mail that stands in the outbox and should be handed over now.
package struct PendingMail: Hashable, Sendable {
    package var id: MailID
    package var message: MailMessage

    package init(id: MailID, message: MailMessage) {
        self.id = id
        self.message = message
    }
}

/// Whether a login name is enrolled.
package enum AccountState: Hashable, Sendable {
    case notEnrolled
    case enabled
    case disabled
}
