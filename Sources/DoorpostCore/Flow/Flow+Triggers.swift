// The points of the flow at which something else is asked than the three decisions.
extension Flow {
    /// Asks the triggers of a sign-in or sign-up whose challenge was just started, within the
    /// limits. If one of them fails or refuses, the challenge ends and its mail is not sent.
    func runTriggers(
        ofStarted started: InitiateOutcome.Started, _ account: SignInAccount,
        named who: SignInName, in context: SignInContext
    ) async throws(FlowError) -> InitiateOutcome {
        var started = started
        let challenge = started.live.id
        do {
            if context.act == .signUp {
                guard try await isConfirmedAtOnce(who, in: context) else {
                    if needsLeave(in: context) {
                        let subject = TriggerSubject(
                            userName: who.text, client: context.triggerClient)
                        try giveLeave(to: started.live, about: subject, in: context)
                    }
                    return .started(started)
                }
                return try await addConfirmed(account, by: challenge, in: context)
            }
            var subject = subject(of: account, named: who, in: context)
            try await preAuthenticate(subject, in: context)
            // As at AWS: what the program says with the first request is for the trigger before.
            subject.metadata = [:]
            switch try await firstRound(of: started.live, about: subject, in: context) {
            case .ask(let question):
                started.question = question
                return .started(started)
            case .refused:
                try end(
                    challenge, of: account.known, isAbandoned: true, .triggerFailed,
                    "trigger \(TriggerPoint.defineAuthChallenge.rawValue) let nobody be asked",
                    in: context)
                return .refused
            }
        } catch {
            try end(
                challenge, of: account.known, isAbandoned: true, .triggerFailed, error.detail,
                in: context)
            throw error
        }
    }

    private func preAuthenticate(_ subject: TriggerSubject, in context: SignInContext)
        async throws(FlowError)
    {
        guard let triggers, triggers.points.contains(.preAuthentication) else { return }
        do {
            try await triggers.preAuthentication(subject)
        } catch {
            throw FlowError(error)
        }
    }

    /// Asks whether somebody may sign up, and whether without a code.
    ///
    /// The subject is what the request says, for everybody the same: a user who has the address
    /// already is not told by it.
    private func isConfirmedAtOnce(_ who: SignInName, in context: SignInContext)
        async throws(FlowError) -> Bool
    {
        guard let triggers, triggers.points.contains(.preSignUp) else { return false }
        var attributes = context.signUpAttributes
        attributes["email"] = who.text
        let subject = TriggerSubject(
            userName: who.text, attributes: attributes, client: context.triggerClient,
            metadata: context.metadata)
        do {
            return try await triggers.preSignUp(
                subject, by: .signUp, validationData: context.validationData
            ).isConfirmed
        } catch {
            throw FlowError(error)
        }
    }

    private func addConfirmed(
        _ account: SignInAccount, by challenge: ChallengeID, in context: SignInContext
    ) async throws(FlowError) -> InitiateOutcome {
        try end(
            challenge, of: account.known, isAbandoned: true, .codeRequested,
            "no code: a trigger confirmed the sign-up", in: context)
        let id = signupUser(of: challenge)
        // To somebody who has an account already it looks the same.
        if let address = account.address,
            let user = try add(id, address, in: context)
        {
            try await confirmed(user, in: context)
        }
        return .confirmed(id)
    }

    /// - Returns: nil if somebody was added with that address meanwhile.
    private func add(_ id: UserID, _ address: EmailAddress, in context: SignInContext)
        throws(FlowError) -> User?
    {
        let user = User(id: id, email: address, createdAt: clock.now)
        do {
            try store.addUser(
                user,
                audit: context.audit(
                    .userAdded, user: id, at: clock.now,
                    detail: "signed up, confirmed by a trigger"))
            return user
        } catch {
            if error.code == .conflict { return nil }
            throw FlowError(error)
        }
    }

    /// Asks whether an administrator's program may add a user.
    ///
    /// - Throws: ``FlowError``: the trigger refused or did not answer.
    package func askBeforeAdding(
        _ user: User, metadata: [String: String], validationData: [String: String]
    ) async throws(FlowError) {
        guard let triggers, triggers.points.contains(.preSignUp) else { return }
        let subject = TriggerSubject(
            userName: user.email.canonical,
            attributes: TriggerSubject.attributes(email: user.email, id: nil, name: user.name),
            client: "CLIENT_ID_NOT_APPLICABLE", metadata: metadata)
        do {
            _ = try await triggers.preSignUp(
                subject, by: .administrator, validationData: validationData)
        } catch {
            throw FlowError(error)
        }
    }

    /// Asks whether somebody may become a user whose first sign-in it is.
    func askBeforeFirstSignIn(_ user: User, in context: SignInContext) async throws(FlowError) {
        guard let triggers, triggers.points.contains(.preSignUp) else { return }
        let subject = TriggerSubject(
            userName: user.email.canonical,
            attributes: TriggerSubject.attributes(email: user.email, id: nil),
            client: context.triggerClient, metadata: context.metadata)
        do {
            _ = try await triggers.preSignUp(
                subject, by: .signUp, validationData: context.validationData)
        } catch {
            throw FlowError(error)
        }
    }

    /// Tells the trigger that somebody has become a user.
    func confirmed(_ user: User, in context: SignInContext) async throws(FlowError) {
        guard let triggers, triggers.points.contains(.postConfirmation) else { return }
        do {
            try await triggers.postConfirmation(subject(of: user, in: context))
        } catch {
            throw FlowError(error)
        }
    }

    /// Tells the trigger that somebody has signed in.
    func authenticated(_ user: User, in context: SignInContext) async throws(FlowError) {
        guard let triggers, triggers.points.contains(.postAuthentication) else { return }
        do {
            try await triggers.postAuthentication(subject(of: user, in: context))
        } catch {
            throw FlowError(error)
        }
    }

    /// What a trigger changes in tokens that are about to be signed.
    func tokenChanges(for user: User, on occasion: TokenOccasion, in context: SignInContext)
        async throws(FlowError) -> TokenChanges
    {
        guard let triggers, triggers.points.contains(.preTokenGeneration) else { return .none }
        do {
            return try await triggers.changes(
                toTokensOf: subject(of: user, in: context), on: occasion, groups: user.groups,
                scopes: context.client == nil ? [] : [WebClaims.Client.scope])
        } catch {
            throw FlowError(error)
        }
    }

    private func subject(of user: User, in context: SignInContext) -> TriggerSubject {
        TriggerSubject(user, client: context.triggerClient, metadata: context.metadata)
    }

    /// Whom a sign-in is about: a user, somebody who may become one by it, or nobody.
    private func subject(
        of account: SignInAccount, named who: SignInName, in context: SignInContext
    ) -> TriggerSubject {
        if let user = account.user { return subject(of: user, in: context) }
        var subject = TriggerSubject(
            userName: who.text, client: context.triggerClient, metadata: context.metadata)
        if let address = account.address {
            subject.userName = address.canonical
            subject.attributes = TriggerSubject.attributes(email: address, id: nil)
        } else {
            subject.isUnknown = true
        }
        return subject
    }
}

extension SignInContext {
    /// What triggers are told of who asks: the app client, or the service.
    fileprivate var triggerClient: String { client?.id.text ?? service }
}
