// What a store is asked about challenges, and what it answers.

/// A challenge to start, if the limits allow it.
package struct ChallengeStart: Hashable, Sendable {
    package var id: ChallengeID
    /// What was asked for, as a keyed hash: the same for everybody, in the pool or not, so that
    /// what hangs on it shows nothing. A user's login name and address are two subjects.
    package var subject: String
    /// The user, or nil for a decoy.
    package var user: UserID?
    /// The address that becomes a user when its code is entered (sign-up); `user` is nil then.
    package var signup: EmailAddress?
    /// Under which the source is known, if it is one that a stranger could not choose; whether
    /// it signed in before decides which of a rule's rates hold. Nil is known.
    package var sourceKey: String?
    /// Door, service and host: what the code is good for. Checked at every attempt.
    package var purpose: String
    /// Purpose and source: the same sign-in tried again finds its live challenge by this.
    package var resumeKey: String
    /// Where every request has a resume key of its own: how those of one sign-in begin. While the
    /// gap keeps another mail back, the newest live challenge with such a key is resumed. Nil:
    /// none is.
    package var resumePrefix: String?
    /// Keyed hash of the code, bound to the challenge and its purpose.
    package var codeHash: [UInt8]
    package var attempts: Int
    package var now: Timestamp
    package var expiresAt: Timestamp
    package var resendAfter: Span
    package var maximumLive: Int
    /// Under which mails to this address are counted; kept with the challenge for resends.
    package var mailKey: LimitKey
    package var mailRates: [Rate]
    /// The other limits.
    package var rules: [LimitRule]
    /// The mail; nil for a decoy.
    package var mail: OutboxItem?
    /// Written when a new challenge starts, with ``AuditEvent/Kind/codeResumed`` in the place
    /// of its kind when one is resumed, and ``AuditEvent/Kind/limited`` with the limit's name
    /// as its detail when a limit refuses.
    package var audit: AuditEvent

    package init(
        id: ChallengeID, subject: String, user: UserID?, signup: EmailAddress? = nil,
        sourceKey: String? = nil, purpose: String, resumeKey: String,
        resumePrefix: String? = nil, codeHash: [UInt8], attempts: Int, now: Timestamp,
        expiresAt: Timestamp,
        resendAfter: Span, maximumLive: Int, mailKey: LimitKey, mailRates: [Rate],
        rules: [LimitRule], mail: OutboxItem?, audit: AuditEvent
    ) {
        self.id = id
        self.subject = subject
        self.user = user
        self.signup = signup
        self.sourceKey = sourceKey
        self.purpose = purpose
        self.resumeKey = resumeKey
        self.resumePrefix = resumePrefix
        self.codeHash = codeHash
        self.attempts = attempts
        self.now = now
        self.expiresAt = expiresAt
        self.resendAfter = resendAfter
        self.maximumLive = maximumLive
        self.mailKey = mailKey
        self.mailRates = mailRates
        self.rules = rules
        self.mail = mail
        self.audit = audit
    }

    /// Whether a live challenge with this resume key is taken up within the gap.
    package func isAnotherTry(of resumeKey: String) -> Bool {
        guard let resumePrefix else { return false }
        return resumeKey.utf8.starts(with: resumePrefix.utf8)
    }
}

/// A live challenge as a door may know it.
package struct LiveChallenge: Hashable, Sendable {
    package var id: ChallengeID
    package var mailedAt: Timestamp
    package var expiresAt: Timestamp
    package var attemptsLeft: Int
    /// What the flow keeps with it between rounds (``RoundsToKeep``); nil where it keeps nothing.
    package var sealedRounds: [UInt8]?

    package init(
        id: ChallengeID, mailedAt: Timestamp, expiresAt: Timestamp, attemptsLeft: Int,
        sealedRounds: [UInt8]? = nil
    ) {
        self.id = id
        self.mailedAt = mailedAt
        self.expiresAt = expiresAt
        self.attemptsLeft = attemptsLeft
        self.sealedRounds = sealedRounds
    }
}

package enum ChallengeStartResult: Hashable, Sendable {
    case started(LiveChallenge)
    /// The same sign-in has a live challenge; `mailState` tells how its mail fares (nil: decoy).
    case resumed(LiveChallenge, mailState: OutboxItem.State?)
    case limited(LimitHit)
}

/// One attempt to be counted.
package struct ChallengeAttempt: Hashable, Sendable {
    package var challenge: ChallengeID
    /// Names this attempt, so that its limit events can be taken back: random, 32 hex digits.
    package var attempt: String
    package var purpose: String
    /// How many attempts must be left; another number is a round that is over, as good as no
    /// challenge. Nil for whoever does not count rounds.
    package var attemptsLeft: Int?
    package var now: Timestamp
    /// The failure budget of the account: counted under ``LimitKey/failures(of:subject:)`` of the
    /// challenge, across challenges, names, hosts and doors.
    package var accountRates: [Rate]
    /// The other budgets: of the source, and in total.
    package var rules: [LimitRule]

    package init(
        challenge: ChallengeID, attempt: String, purpose: String, attemptsLeft: Int? = nil,
        now: Timestamp, accountRates: [Rate], rules: [LimitRule]
    ) {
        self.challenge = challenge
        self.attempt = attempt
        self.purpose = purpose
        self.attemptsLeft = attemptsLeft
        self.now = now
        self.accountRates = accountRates
        self.rules = rules
    }
}

package enum ChallengeAttemptResult: Hashable, Sendable {
    case counted(CountedAttempt)
    /// No such challenge, one for another purpose, or a round that is over: not told apart.
    case unknown
    case consumed
    case expired
    case triesUsedUp
    case limited(LimitHit)
}

/// An attempt that was counted and may now be looked at.
package struct CountedAttempt: Hashable, Sendable {
    package var challenge: ChallengeID
    package var attempt: String
    /// nil for a decoy, whose code nobody knows, and for a sign-up.
    package var user: UserID?
    /// Who becomes a user with the right answer.
    package var signup: EmailAddress?
    package var codeHash: [UInt8]
    package var attemptsLeft: Int
    /// As in ``LiveChallenge/sealedRounds``.
    package var sealedRounds: [UInt8]?

    package init(
        challenge: ChallengeID, attempt: String, user: UserID?, signup: EmailAddress? = nil,
        codeHash: [UInt8], attemptsLeft: Int, sealedRounds: [UInt8]? = nil
    ) {
        self.challenge = challenge
        self.attempt = attempt
        self.user = user
        self.signup = signup
        self.codeHash = codeHash
        self.attemptsLeft = attemptsLeft
        self.sealedRounds = sealedRounds
    }
}

package struct ChallengeConsumption: Hashable, Sendable {
    package var challenge: ChallengeID
    package var attempt: String
    package var now: Timestamp
    /// Added first, with an audit record, if the challenge is a sign-up of this address, the
    /// session is this user's, and nobody has the address by now.
    package var newUser: User?
    package var session: LoginSession
    package var audit: AuditEvent

    package init(
        challenge: ChallengeID, attempt: String, now: Timestamp, newUser: User? = nil,
        session: LoginSession, audit: AuditEvent
    ) {
        self.challenge = challenge
        self.attempt = attempt
        self.now = now
        self.newUser = newUser
        self.session = session
        self.audit = audit
    }

    /// The record of a sign-up, in the words of the sign-in.
    package var userAdded: AuditEvent {
        var event = audit
        event.kind = .userAdded
        event.detail = "signed up"
        return event
    }
}

package enum ChallengeConsumptionResult: Hashable, Sendable {
    case consumed
    case alreadyConsumed
    case expired
    /// The user was disabled or deleted since the challenge started.
    case userGone
}

package struct ChallengeResend: Hashable, Sendable {
    package var challenge: ChallengeID
    package var purpose: String
    package var now: Timestamp
    /// As in ``ChallengeStart/sourceKey``.
    package var sourceKey: String?
    /// Until when the caller has the mail to itself.
    package var claimUntil: Timestamp
    package var resendAfter: Span
    /// For the key that ``ChallengeStart/mailKey`` named.
    package var mailRates: [Rate]
    package var rules: [LimitRule]
    package var audit: AuditEvent

    package init(
        challenge: ChallengeID, purpose: String, now: Timestamp, sourceKey: String? = nil,
        claimUntil: Timestamp, resendAfter: Span, mailRates: [Rate], rules: [LimitRule],
        audit: AuditEvent
    ) {
        self.challenge = challenge
        self.purpose = purpose
        self.now = now
        self.sourceKey = sourceKey
        self.claimUntil = claimUntil
        self.resendAfter = resendAfter
        self.mailRates = mailRates
        self.rules = rules
        self.audit = audit
    }
}

package enum ChallengeResendResult: Hashable, Sendable {
    /// Mailed again: the item as it stands in the outbox, claimed for the caller. Nil for a decoy,
    /// for somebody whose mail bounces, and where another courier has it in hand.
    case queued(LiveChallenge, OutboxItem?)
    case unknown
    case consumed
    case expired
    case triesUsedUp
    case limited(LimitHit)
}

/// What the flow keeps with a challenge that is answered in rounds.
package struct RoundsToKeep: Hashable, Sendable {
    package var challenge: ChallengeID
    package var purpose: String
    /// How many attempts must be left. Every answer takes one, so the number makes a round one
    /// process's own: whoever comes with an older round keeps nothing.
    package var attemptsLeft: Int
    /// In the place of what was kept before.
    package var sealed: [UInt8]
    /// The attempt that answered the round before rightly, if one did: it is no failure.
    package var rightAttempt: String?
    package var now: Timestamp

    package init(
        challenge: ChallengeID, purpose: String, attemptsLeft: Int, sealed: [UInt8],
        rightAttempt: String?, now: Timestamp
    ) {
        self.challenge = challenge
        self.purpose = purpose
        self.attemptsLeft = attemptsLeft
        self.sealed = sealed
        self.rightAttempt = rightAttempt
        self.now = now
    }
}

/// A challenge that nobody may answer any more.
package struct ChallengeEnd: Hashable, Sendable {
    package var challenge: ChallengeID
    /// It failed before anything was asked: the next start need not wait because of it.
    package var isAbandoned: Bool
    package var audit: AuditEvent

    package init(challenge: ChallengeID, isAbandoned: Bool, audit: AuditEvent) {
        self.challenge = challenge
        self.isAbandoned = isAbandoned
        self.audit = audit
    }
}
