/// The three decisions of a sign-in: what comes next, what is asked, and whether an answer is
/// right. The mailed code makes them, or the triggers that are set in its place.
struct Decisions: Sendable {
    /// Nil where the mailed code makes all three.
    private let triggers: (any Triggers)?

    init(_ triggers: (any Triggers)?, in context: SignInContext) {
        let areAsked = context.act == .signIn && context.isTriggersToAsk
        self.triggers = areAsked ? triggers : nil
    }

    /// Whether no code is drawn and mailed, since a trigger asks something of its own.
    var areQuestionsOfTriggers: Bool { isSet(.createAuthChallenge) }

    /// Whether the rounds of a sign-in are kept.
    var needRounds: Bool { areQuestionsOfTriggers || isSet(.defineAuthChallenge) }

    private func isSet(_ point: TriggerPoint) -> Bool { triggers?.points.contains(point) ?? false }

    /// What comes next.
    ///
    /// - Parameters:
    ///   - subject: nil of a sign-in that triggers know nothing of.
    ///   - rounds: so far, in order.
    ///   - attemptsLeft: of the challenge; with none, nothing more is asked, whatever a trigger
    ///     says.
    func next(about subject: TriggerSubject?, after rounds: [AnsweredRound], attemptsLeft: Int)
        async throws(FlowError) -> NextStep
    {
        let isRight = rounds.last?.isRight ?? false
        guard attemptsLeft > 0 || isRight else { return .fail }
        guard let subject, let triggers, isSet(.defineAuthChallenge) else {
            return MailedCodeDecisions.next(isRight: isRight)
        }
        let step = try await Self.run { () async throws(TriggerError) in
            try await triggers.define(subject, rounds: rounds)
        }
        switch step {
        case .issueTokens where !isRight:
            throw FlowError(
                TriggerError(
                    .defineAuthChallenge, .badAnswer,
                    "issueTokens for somebody whose last answer was not right"))
        case .ask(let name) where name != AnsweredRound.customChallenge:
            throw FlowError(
                TriggerError(.defineAuthChallenge, .badAnswer, "there is no challenge \(name)"))
        case .ask where attemptsLeft <= 0: return .fail
        default: return step
        }
    }

    /// What is asked.
    ///
    /// - Returns: nil for the mailed code.
    func create(_ subject: TriggerSubject, name: String, after rounds: [AnsweredRound])
        async throws(FlowError) -> CreatedChallenge?
    {
        guard let triggers, isSet(.createAuthChallenge) else {
            return try MailedCodeDecisions.create(after: rounds)
        }
        return try await Self.run { () async throws(TriggerError) in
            try await triggers.create(subject, name: name, rounds: rounds)
        }
    }

    /// Whether an answer to what a trigger asked is right.
    func isRight(_ answer: CodeAnswer, to created: CreatedChallenge, of subject: TriggerSubject)
        async throws(FlowError) -> Bool
    {
        // What was asked by a trigger that is set no more has no right answer.
        guard let triggers, isSet(.verifyAuthChallengeResponse) else { return false }
        let text = String(decoding: answer.typed, as: UTF8.self)
        return try await Self.run { () async throws(TriggerError) in
            try await triggers.verify(subject, answer: text, parameters: created.privateParameters)
        }
    }

    private static func run<T>(_ work: () async throws(TriggerError) -> T)
        async throws(FlowError) -> T
    {
        do {
            return try await work()
        } catch {
            throw FlowError(error)
        }
    }
}

/// The decisions that are made where no trigger is set; the third, whether an answer is the code,
/// is ``FlowKeys/matches(_:hash:challenge:purpose:)``.
private enum MailedCodeDecisions {
    /// The code is asked for until it is given.
    static func next(isRight: Bool) -> NextStep {
        isRight ? .issueTokens : .ask(AnsweredRound.customChallenge)
    }

    /// The code was drawn and mailed as the sign-in started, and stays the same; once given, it
    /// is not asked for again.
    static func create(after rounds: [AnsweredRound]) throws(FlowError) -> CreatedChallenge? {
        guard rounds.last?.isRight != true else {
            throw FlowError(
                TriggerError(
                    .defineAuthChallenge, .badAnswer,
                    "another challenge after the mailed code, and no create_auth_challenge"))
        }
        return nil
    }
}
