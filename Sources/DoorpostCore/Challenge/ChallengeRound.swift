/// One question that an app client was told to put to somebody, as its `Session` carries it.
///
/// Of a challenge that is answered in rounds, every round has a handle of its own: it holds how
/// many attempts were left when it was made, and is good for that round alone.
package struct ChallengeRound: Hashable, Sendable {
    package enum Question: Hashable, Sendable {
        /// Which factor it shall be. There is no challenge yet.
        case choice
        /// The code. Answered wrongly, there is another round with another handle.
        case custom(ChallengeID, attemptsLeft: Int)
        /// The code. Answered wrongly, the same handle may be used while attempts are left.
        case emailCode(ChallengeID)
        /// The code of a sign-up.
        case signUp(ChallengeID)
        /// None any more: a sign-up was confirmed, and its login session waits to be taken up.
        case confirmed(SessionID)
    }

    package var question: Question
    /// Until when the handle is good, apart from the code.
    package var until: Timestamp

    package init(_ question: Question, until: Timestamp) {
        self.question = question
        self.until = until
    }
}

extension Flow {
    /// A handle of a round, for this name and this context's purpose alone.
    ///
    /// - Throws: ``FlowError``: it could not be sealed.
    package func handle(of round: ChallengeRound, for who: SignInName, in context: SignInContext)
        throws(FlowError) -> ChallengeHandle
    {
        let question =
            switch round.question {
            case .choice: "choice - 0"
            case .custom(let id, let left): "custom \(id) \(left)"
            case .emailCode(let id): "email \(id) 0"
            case .signUp(let id): "signup \(id) 0"
            case .confirmed(let id): "confirmed \(id) 0"
            }
        return try seal(
            "\(question) \(round.until.milliseconds) \(keys.pseudonym(who.exact)) "
                + keys.pseudonym(context.purpose))
    }

    /// The round of a handle; nil if it is none of ours, or was made for another name or client.
    /// Whether its time is over is for the caller to see.
    package func round(of handle: String, for who: SignInName, in context: SignInContext)
        -> ChallengeRound?
    {
        guard let parts = open(handle), parts.count == 6, let left = Int(parts[2]),
            let until = Int64(parts[3]), parts[4] == keys.pseudonym(who.exact),
            parts[5] == keys.pseudonym(context.purpose)
        else { return nil }
        let id = ChallengeID(parts[1])
        let question: ChallengeRound.Question
        switch parts[0] {
        case "choice": question = .choice
        case "custom": question = .custom(id, attemptsLeft: left)
        case "email": question = .emailCode(id)
        case "signup": question = .signUp(id)
        case "confirmed": question = .confirmed(SessionID(parts[1]))
        default: return nil
        }
        return ChallengeRound(question, until: Timestamp(milliseconds: until))
    }
}
