/// Who is meant, and where a code goes.
struct SignInAccount {
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
}

extension Flow {
    func account(named who: SignInName, in context: SignInContext) throws(FlowError)
        -> SignInAccount
    {
        var account = try lookUp(who, in: context)
        account.subject += try pot(of: account, in: context).rawValue
        return account
    }

    private func lookUp(_ who: SignInName, in context: SignInContext) throws(FlowError)
        -> SignInAccount
    {
        // The name as it is. Were a user's login name and address one subject, or the tags of a
        // stranger's mailbox, then the second would resume or wait, and so tell which are whose.
        var account = SignInAccount(subject: subject(of: who), mailKey: mailKey(who.folded))
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

    /// On whose budget somebody signs in. The store is asked about everybody, member or not.
    private func pot(of account: SignInAccount, in context: SignInContext) throws(FlowError) -> Pot
    {
        // The challenge of a sign-up is looked up by its name alone (``openSignup(of:in:)``).
        guard context.act == .signIn else { return .strangers }
        if context.isConsole, context.hostID == nil { return .console }
        guard let key = context.knownKey else { return .strangers }
        do {
            guard try store.hasSignedIn(account.user?.id ?? UserID(""), from: key) else {
                return .strangers
            }
        } catch {
            throw FlowError(error)
        }
        return context.isConsole ? .console : .known
    }

    /// As in ``ChallengeStart/subject``.
    func subject(of who: SignInName) -> String { "name:\(keys.pseudonym(who.exact))" }

    private func mailKey(_ folded: String) -> LimitKey {
        LimitKey("mails:\(keys.pseudonym(folded))")
    }
}
