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
        let account = try account(named: who, in: context)
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
                    live: live, isResumed: true, isDecoy: account.address == nil,
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

    /// The mail of an outbox item that the caller has claimed.
    ///
    /// - Throws: ``FlowError``: it was sealed with another secret key.
    package func openMail(_ item: OutboxItem) throws(FlowError) -> PendingMail {
        do {
            return PendingMail(item, message: try keys.open(item).message)
        } catch {
            throw FlowError(
                .internal, "mail \(item.id) cannot be opened: was the secret key changed?")
        }
    }

    private func account(named who: SignInName, in context: SignInContext) throws(FlowError)
        -> Account
    {
        // The name as it is. Were a user's login name and address one subject, or the tags of a
        // stranger's mailbox, then the second would resume or wait, and so tell which are whose.
        var account = Account(subject: subject(of: who), mailKey: mailKey(who.folded))
        let found: User?
        do {
            found = try who.reference.flatMap { reference throws(StoreError) in
                try store.user(reference)
            }
        } catch {
            throw FlowError(error)
        }
        if let user = found {
            // Disabled users and those whose mail comes back are decoys: nobody is told.
            guard user.isEnabled else { return account }
            account.mailKey = mailKey(user.email.folded)
            account.known = user.id
            if user.bounce == nil {
                account.user = user
                // A sign-up of somebody who has an account is a decoy that no code opens, whose
                // failures are the account's.
                if context.act == .signIn { account.address = user.email }
            }
        } else if context.door == .web, case .email(let text) = who,
            let address = EmailAddress(text), policy.signup.allows(address)
        {
            account.address = address
        }
        return account
    }

    /// As in ``ChallengeStart/subject``.
    func subject(of who: SignInName) -> String { "name:\(keys.pseudonym(who.exact))" }

    private func mailKey(_ folded: String) -> LimitKey {
        LimitKey("mails:\(keys.pseudonym(folded))")
    }

    /// Who is meant, and where a code goes.
    private struct Account {
        /// As in ``ChallengeStart/subject``.
        var subject: String
        var mailKey: LimitKey
        /// Nil for a decoy and for somebody who may become a user.
        var user: User?
        /// For the audit trail: also the user whose address is not mailed to.
        var known: UserID?
        /// Where the code goes; nil for a decoy.
        var address: EmailAddress?

        /// For the audit trail: why a user gets no mail.
        var whyNotMailed: String? {
            guard known != nil, address == nil else { return nil }
            return user == nil
                ? "not mailed: mail to the address comes back"
                : "not mailed: a sign-up of somebody who has an account"
        }

        var failures: LimitKey { .failures(of: user?.id, subject: subject) }
    }

    private func draftChallenge(
        for account: Account, in context: SignInContext, at now: Timestamp
    ) throws(FlowError) -> (start: ChallengeStart, mail: PendingMail?) {
        let id = ChallengeID(randomID())
        let mailID = MailID(randomID())
        let code = Code.draw(policy.code, from: random)
        let expiresAt = now + policy.code.lifetime
        // A decoy goes through the same motions: the mail is composed and sealed, then dropped.
        let mail = CodeMail(
            mailID, to: account.address, name: account.user?.name,
            code: code.display(policy.code.alphabet), context: context, at: now,
            lifetime: policy.code.lifetime)
        let message = mail.message
        let item: OutboxItem
        do {
            item = OutboxItem(
                id: mailID, challenge: id, user: account.user?.id ?? UserID(""),
                sealed: try keys.seal(mail, id: mailID), createdAt: now, expiresAt: expiresAt,
                claimedUntil: now + OutboxItem.claimLength)
        } catch {
            throw FlowError(.internal, "a mail could not be sealed")
        }
        let start = ChallengeStart(
            id: id, subject: account.subject, user: account.user?.id,
            signup: account.user == nil ? account.address : nil,
            sourceKey: context.source.limitKey, purpose: context.purpose,
            resumeKey: context.resumeKey, resumePrefix: context.resumePrefix,
            codeHash: account.address == nil
                ? random.bytes(32)
                : keys.hash(code.characters, challenge: id, purpose: context.purpose),
            attempts: policy.code.attempts, now: now, expiresAt: expiresAt,
            resendAfter: policy.code.resendAfter, maximumLive: policy.limits.liveChallenges,
            mailKey: account.mailKey, mailRates: policy.limits.mailsPerAddress,
            rules: policy.limits.rules(forStartFrom: context.source, failures: account.failures),
            mail: account.address == nil ? nil : item,
            audit: context.audit(
                .codeRequested, user: account.known, at: now,
                detail: account.whyNotMailed ?? mailID.auditDetail))
        return (start, account.address == nil ? nil : PendingMail(item, message: message))
    }
}

/// What somebody says who they are.
package enum SignInName: Hashable, Sendable {
    /// A Linux login name, byte for byte as it came.
    case login(String)
    /// What was typed as a mail address.
    case email(String)
    /// A user's id, as tokens and the Cognito API name users.
    case user(String)

    /// Whom it may name, or nil if it can name nobody.
    package var reference: UserReference? {
        switch self {
        case .login(let text): LoginName(text).map(UserReference.login)
        case .email(let text): EmailAddress(text).map(UserReference.email)
        case .user(let text): .id(UserID(text))
        }
    }

    /// The name byte for byte, but for the case of an address.
    var exact: String {
        switch self {
        case .login(let text): "login \(text)"
        case .email(let text): EmailAddress(text)?.canonical ?? "text \(text)"
        case .user(let text): "user \(text)"
        }
    }

    /// Under which mails to somebody who is not in the pool are counted.
    var folded: String {
        switch self {
        case .login(let text): "login \(text)"
        case .email(let text): EmailAddress(text)?.folded ?? "text \(text)"
        case .user(let text): "user \(text)"
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
    /// How often it was handed to a relay before.
    package var tries: Int
    package var createdAt: Timestamp
    /// Until when the caller has it to itself.
    package var claimedUntil: Timestamp

    package init(
        id: MailID, message: MailMessage, tries: Int = 0,
        createdAt: Timestamp = Timestamp(milliseconds: 0),
        claimedUntil: Timestamp = Timestamp(milliseconds: .max)
    ) {
        self.id = id
        self.message = message
        self.tries = tries
        self.createdAt = createdAt
        self.claimedUntil = claimedUntil
    }

    init(_ item: OutboxItem, message: MailMessage) {
        self.init(
            id: item.id, message: message, tries: item.tries, createdAt: item.createdAt,
            claimedUntil: item.claimedUntil ?? item.createdAt)
    }
}

/// Whether a login name is enrolled.
package enum AccountState: Hashable, Sendable {
    case notEnrolled
    case enabled
    case disabled
}
