/// The answer to ``HostVerify``: a ``VerifyOutcome`` on the wire.
package struct HostVerified: Codable, Sendable {
    package var outcome: String
    package var attempts_left: Int?
    /// Milliseconds.
    package var retry_after: Int64?
    package var limit: String?
    /// What a sign-in comes to. A secret.
    package var signed_in: SignedIn?

    /// Who signed in, and the token for the session file.
    package struct SignedIn: Codable, Sendable {
        package var user: String
        package var email: String
        package var login: String
        /// A ``SessionID``.
        package var session: String
        package var created_at: Int64
        package var expires_at: Int64
        package var token: String
    }

    private enum Word: String {
        case signedIn = "signed_in"
        case wrong
        /// The answer was right, and there is another question.
        case asked
        /// The answer was wrong, and there is another question, or the same.
        case askedAgain = "asked_again"
        case triesUsedUp = "tries_used_up"
        case expired
        case used
        case unknown
        case limited
    }

    private init(word: Word) { outcome = word.rawValue }

    /// - Returns: nil if somebody signed in by another door than PAM.
    package init?(_ result: VerifyOutcome) {
        switch result {
        case .signedIn(let signIn):
            guard case .sessionToken(let token) = signIn.credential,
                let login = signIn.user.login
            else { return nil }
            self.init(word: .signedIn)
            signed_in = SignedIn(
                user: signIn.user.id.text, email: signIn.user.email.canonical, login: login.name,
                session: signIn.session.id.text,
                created_at: signIn.session.createdAt.milliseconds,
                expires_at: signIn.session.expiresAt.milliseconds, token: token)
        case .wrong(let left):
            self.init(word: .wrong)
            attempts_left = left
        case .asked(_, let isRight, let left):
            self.init(word: isRight ? .asked : .askedAgain)
            attempts_left = left
        case .triesUsedUp: self.init(word: .triesUsedUp)
        case .expired: self.init(word: .expired)
        case .used: self.init(word: .used)
        case .unknownChallenge: self.init(word: .unknown)
        case .limited(let retryAfter, let limit):
            self.init(word: .limited)
            retry_after = retryAfter.milliseconds
            self.limit = limit.rawValue
        }
    }

    /// What the host makes of it; nil if this version does not understand it.
    ///
    /// - Parameter context: of the sign-in.
    package func verifyOutcome(in context: SignInContext) -> VerifyOutcome? {
        let left = attempts_left ?? 0
        let question = TriggerQuestion(name: "", parameters: [:])
        switch Word(rawValue: outcome) {
        case .signedIn: return signed_in?.signIn(in: context).map(VerifyOutcome.signedIn)
        case .wrong: return .wrong(attemptsLeft: left)
        case .asked: return .asked(question, isRight: true, attemptsLeft: left)
        case .askedAgain: return .asked(question, isRight: false, attemptsLeft: left)
        case .triesUsedUp: return .triesUsedUp
        case .expired: return .expired
        case .used: return .used
        case .unknown: return .unknownChallenge
        case .limited:
            guard let retry_after, let limit = limit.flatMap(LimitName.init) else { return nil }
            return .limited(retryAfter: Span(milliseconds: retry_after), limit: limit)
        case nil: return nil
        }
    }
}

extension HostVerified.SignedIn {
    fileprivate func signIn(in context: SignInContext) -> SignIn? {
        guard let address = EmailAddress(email), let name = LoginName(login) else { return nil }
        let createdAt = Timestamp(milliseconds: created_at)
        var user = User(id: UserID(self.user), email: address, createdAt: createdAt)
        user.login = name
        let session = LoginSession(
            id: SessionID(self.session), user: user.id, door: context.door.rawValue,
            service: context.service, host: context.host, source: context.source.text,
            tty: context.tty, createdAt: createdAt,
            expiresAt: Timestamp(milliseconds: expires_at))
        return SignIn(user: user, session: session, credential: .sessionToken(token))
    }
}

extension HostVerified: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "HostVerified(\(outcome), redacted)" }
    package var debugDescription: String { description }
}
