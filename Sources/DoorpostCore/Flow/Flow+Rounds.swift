// A sign-in that triggers decide about, from round to round.
extension Flow {
    /// The rounds that the store keeps of a challenge; nil if it keeps none.
    ///
    /// - Throws: ``FlowError``: they cannot be opened.
    func openRounds(_ sealed: [UInt8]?, of challenge: ChallengeID) throws(FlowError)
        -> SignInRounds?
    {
        guard let sealed else { return nil }
        do {
            return try keys.openRounds(sealed, of: challenge)
        } catch {
            throw FlowError(
                .internal,
                "the rounds of a challenge cannot be opened: was the secret key changed?")
        }
    }

    /// Whether triggers must let a challenge begin. That they did is known by the rounds that are
    /// kept with it: without them no answer is right, whoever died while the triggers were asked.
    func needsLeave(in context: SignInContext) -> Bool {
        let points = triggers?.points ?? []
        return switch context.act {
        case .signUp: points.contains(.preSignUp)
        case .signIn:
            points.contains(.preAuthentication) || Decisions(triggers, in: context).needRounds
        }
    }

    /// Keeps with a challenge of the mailed code that triggers let it begin.
    func giveLeave(
        to live: LiveChallenge, about subject: TriggerSubject, in context: SignInContext
    ) throws(FlowError) {
        let rounds = SignInRounds(
            subject: subject, answered: [], name: AnsweredRound.customChallenge, created: nil)
        try begin(rounds, of: live, in: context)
    }

    private func begin(
        _ rounds: SignInRounds, of live: LiveChallenge, in context: SignInContext
    ) throws(FlowError) {
        let kept = try keep(rounds, of: live.id, attemptsLeft: live.attemptsLeft, in: context)
        if kept == nil { throw FlowError(.internal, "a challenge ended before anybody was asked") }
    }

    /// Asks the first two decisions of a challenge that was just started.
    ///
    /// - Returns: what is asked, or nil for the mailed code; ``FirstStep/refused`` if nobody is
    ///   asked anything.
    func firstRound(
        of live: LiveChallenge, about subject: TriggerSubject, in context: SignInContext
    ) async throws(FlowError) -> FirstStep {
        let decisions = Decisions(triggers, in: context)
        guard decisions.needRounds else {
            if needsLeave(in: context) { try giveLeave(to: live, about: subject, in: context) }
            return .ask(nil)
        }
        let step = try await decisions.next(
            about: subject, after: [], attemptsLeft: live.attemptsLeft)
        guard case .ask(let name) = step else { return .refused }
        let rounds = SignInRounds(
            subject: subject, answered: [], name: name,
            created: try await decisions.create(subject, name: name, after: []))
        try begin(rounds, of: live, in: context)
        return .ask(rounds.question)
    }

    /// Asks anew what the last round asked: somebody wants it sent again.
    func repeatRound(of live: LiveChallenge, in context: SignInContext) async throws(FlowError) {
        let decisions = Decisions(triggers, in: context)
        guard decisions.areQuestionsOfTriggers,
            var rounds = try openRounds(live.sealedRounds, of: live.id)
        else { return }
        rounds.created = try await decisions.create(
            rounds.subject(in: context), name: rounds.name, after: rounds.answered)
        _ = try keep(rounds, of: live.id, attemptsLeft: live.attemptsLeft, in: context)
    }

    /// Puts the next question to somebody who has answered one.
    ///
    /// - Returns: ``VerifyOutcome/unknownChallenge`` if the round was over meanwhile.
    func nextRound(
        named name: String, after counted: CountedAttempt, _ rounds: SignInRounds, isRight: Bool,
        in context: SignInContext
    ) async throws(FlowError) -> VerifyOutcome {
        var next = rounds
        next.answered = rounds.answered(isRight: isRight)
        next.name = name
        next.created = try await Decisions(triggers, in: context).create(
            rounds.subject(in: context), name: name, after: next.answered)
        if !isRight { try auditWrongAnswer(counted, in: context) }
        guard
            let live = try keep(
                next, of: counted.challenge, attemptsLeft: counted.attemptsLeft,
                rightAttempt: isRight ? counted.attempt : nil, in: context)
        else { return .unknownChallenge }
        guard let question = next.question else { return .wrong(attemptsLeft: live.attemptsLeft) }
        return .asked(question, isRight: isRight, attemptsLeft: live.attemptsLeft)
    }

    private func keep(
        _ rounds: SignInRounds, of challenge: ChallengeID, attemptsLeft: Int,
        rightAttempt: String? = nil, in context: SignInContext
    ) throws(FlowError) -> LiveChallenge? {
        let sealed: [UInt8]
        do {
            sealed = try keys.seal(rounds, of: challenge)
        } catch {
            throw FlowError(.internal, "the rounds of a challenge could not be sealed")
        }
        do {
            return try store.keepRounds(
                RoundsToKeep(
                    challenge: challenge, purpose: context.purpose, attemptsLeft: attemptsLeft,
                    sealed: sealed, rightAttempt: rightAttempt, now: clock.now))
        } catch {
            throw FlowError(error)
        }
    }

    /// Ends a challenge that a trigger gave up, or could not go on with.
    ///
    /// - Parameter isAbandoned: as in ``ChallengeEnd/isAbandoned``.
    func end(
        _ challenge: ChallengeID, of user: UserID?, isAbandoned: Bool, _ kind: AuditEvent.Kind,
        _ detail: String, in context: SignInContext
    ) throws(FlowError) {
        do {
            try store.endChallenge(
                ChallengeEnd(
                    challenge: challenge, isAbandoned: isAbandoned,
                    audit: context.audit(kind, user: user, at: clock.now, detail: detail)))
        } catch {
            throw FlowError(error)
        }
    }
}

/// How a sign-in begins that triggers decide about.
enum FirstStep: Hashable, Sendable {
    /// Nil is the mailed code.
    case ask(TriggerQuestion?)
    case refused
}
