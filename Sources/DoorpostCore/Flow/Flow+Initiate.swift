extension Flow {
    /// Somebody wants to sign in: starts a challenge, or takes up the one that the same sign-in
    /// has already.
    ///
    /// Who is not in the pool, or is disabled, gets a decoy: a challenge that is counted,
    /// limited and refused like any other, and that no code opens. The outcome shows the
    /// difference to the courier only (``InitiateOutcome/Started/mail``), never to the person.
    ///
    /// Limits come before triggers: a refused start runs no program.
    ///
    /// - Throws: ``FlowError``: the store or a trigger did not answer, or a trigger refused.
    package func initiate(_ who: SignInName, in context: SignInContext) async throws(FlowError)
        -> InitiateOutcome
    {
        let now = clock.now
        let account = try account(named: who, in: context)
        let decisions = Decisions(triggers, in: context)
        let draft = try draftChallenge(
            for: account, withCode: !decisions.areQuestionsOfTriggers, in: context, at: now)
        let result: ChallengeStartResult
        do {
            result = try store.startChallenge(draft.start)
        } catch {
            throw FlowError(error)
        }
        switch result {
        case .started(let live):
            let started = InitiateOutcome.Started(
                live: live, shape: policy.code.shape, isResumed: false,
                isDecoy: account.address == nil, mail: draft.mail)
            if triggers == nil { return .started(started) }
            return try await runTriggers(ofStarted: started, account, named: who, in: context)
        case .resumed(let live, _):
            let rounds = try openRounds(live.sealedRounds, of: live.id)
            if rounds == nil, needsLeave(in: context) {
                try giveUp(live, of: account, at: now, in: context)
                return try await initiate(who, in: context)
            }
            return .started(
                .init(
                    live: live, shape: policy.code.shape, isResumed: true,
                    isDecoy: account.address == nil,
                    mail: try claimMail(of: live.id, at: now), question: rounds?.question))
        case .limited(let hit):
            return .limited(retryAfter: hit.freeAt - now, limit: hit.name)
        }
    }

    /// Ends a challenge that triggers have not let begin, once whoever asks them must be dead.
    ///
    /// - Throws: ``FlowError``: they may still be asked.
    private func giveUp(
        _ live: LiveChallenge, of account: SignInAccount, at now: Timestamp,
        in context: SignInContext
    ) throws(FlowError) {
        guard live.mailedAt + OutboxItem.claimLength < now else {
            throw FlowError(
                TriggerError(
                    context.act == .signUp ? .preSignUp : .defineAuthChallenge, .failed,
                    "the triggers still work on the request before this one"))
        }
        try end(
            live.id, of: account.known, isAbandoned: true, .triggerFailed,
            "whoever asked the triggers is gone", in: context)
    }

    /// Whether a sign-in in this context mails a code through the relay.
    package func mailsCode(in context: SignInContext) -> Bool {
        !Decisions(triggers, in: context).areQuestionsOfTriggers
    }

    /// The same context for the mailed code and nothing else, whatever triggers are set: what is
    /// started in the one is not answered in the other.
    package func mailedCodeAlone(_ context: SignInContext) -> SignInContext {
        guard Decisions(triggers, in: context).needRounds else { return context }
        var context = context
        context.isTriggersToAsk = false
        return context
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
}

/// Whether a login name is enrolled.
package enum AccountState: String, Hashable, Sendable {
    case notEnrolled = "not_enrolled"
    case enabled
    case disabled
}
