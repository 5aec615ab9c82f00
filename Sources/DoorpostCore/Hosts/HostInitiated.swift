/// The answer to ``HostInitiate``: an ``InitiateOutcome`` on the wire.
package struct HostInitiated: Codable, Sendable {
    /// `started`, `limited` or `refused`.
    package var outcome: String
    /// The challenge, sealed (``ChallengeHandle``).
    package var session: String?
    package var mailed_at: Int64?
    package var expires_at: Int64?
    package var attempts_left: Int?
    package var code_length: Int?
    package var code_alphabet: String?
    /// 1 or 0: numbers, since words of two lengths could be told apart through TLS.
    package var resumed: Int?
    package var decoy: Int?
    package var asked: Int?
    /// Milliseconds.
    package var retry_after: Int64?
    package var limit: String?

    private static let started = "started"
    private static let limited = "limited"
    private static let refused = "refused"

    private init(outcome: String) { self.outcome = outcome }

    package init(_ started: InitiateOutcome.Started, session: ChallengeHandle) {
        self.init(outcome: Self.started)
        self.session = session.text
        mailed_at = started.live.mailedAt.milliseconds
        expires_at = started.live.expiresAt.milliseconds
        attempts_left = started.live.attemptsLeft
        code_length = started.shape.length
        code_alphabet = started.shape.alphabet.rawValue
        resumed = started.isResumed ? 1 : 0
        decoy = started.isDecoy ? 1 : 0
        asked = started.question == nil ? 0 : 1
    }

    package init(limited limit: LimitName, retryAfter: Span) {
        self.init(outcome: Self.limited)
        self.limit = limit.rawValue
        retry_after = retryAfter.milliseconds
    }

    /// Nobody is asked anything.
    package static let nobodyAsked = Self(outcome: refused)

    /// What the host makes of it; nil if this version does not understand it. The challenge's id
    /// is its handle, and there is no mail to deliver.
    package var initiateOutcome: InitiateOutcome? {
        switch outcome {
        case Self.refused: return .refused
        case Self.limited:
            guard let retry_after, let limit = limit.flatMap(LimitName.init) else { return nil }
            return .limited(retryAfter: Span(milliseconds: retry_after), limit: limit)
        case Self.started:
            guard let session, let mailed_at, let expires_at, let attempts_left, let code_length,
                let alphabet = code_alphabet.flatMap(CodeAlphabet.init), let resumed, let decoy,
                let asked
            else { return nil }
            return .started(
                .init(
                    live: LiveChallenge(
                        id: ChallengeID(session), mailedAt: Timestamp(milliseconds: mailed_at),
                        expiresAt: Timestamp(milliseconds: expires_at),
                        attemptsLeft: attempts_left),
                    shape: CodeShape(alphabet: alphabet, length: code_length),
                    isResumed: resumed != 0, isDecoy: decoy != 0, mail: nil,
                    question: asked == 0 ? nil : TriggerQuestion(name: "", parameters: [:])))
        default: return nil
        }
    }
}
