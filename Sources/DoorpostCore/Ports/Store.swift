/// The user pool, challenges, limits, outbox, login sessions and audit trail, kept durably.
///
/// A store speaks intents, not rows: one call is one transaction, atomic against every other
/// process on the same store, and durable when it returns. All calls block. The same contract
/// suite (`Tests/StoreContract`) runs over every store.
///
/// Times are the caller's. One that lies more than 60 seconds ahead of `now` was written before
/// the clock was set back: such a challenge counts as expired, such a limit event not at all.
package protocol Store: UserStore, ChallengeStore, OutboxStore, SessionStore, AuditStore,
    GroupStore, ClientStore, APIKeyStore, HostStore
{
    /// Deletes up to `limit` rows each of what has no use any more: challenges past their expiry
    /// with their mails (those whose mail was not sent: a week later), limit events older than the
    /// longest window (a day), signatures of no use any more, sessions ended and audit records made more than 90 days ago.
    ///
    /// A consumed challenge stays until it would have expired: so long, a replayed code is told
    /// from one that never was.
    ///
    /// A mail that is still queued when its code dies has failed from then on, and the text of
    /// every unsent mail is erased: at most `limit` are.
    ///
    /// - Returns: how many rows went, mails included, or were marked so; 0 when there is nothing
    ///   left to do.
    @discardableResult
    func purge(now: Timestamp, limit: Int) throws(StoreError) -> Int

    /// Writes something that changes nothing, durably, to know that the store takes writes: it
    /// is neither busy, full, read-only nor gone.
    func checkWritable() throws(StoreError)
}

/// The user pool.
package protocol UserStore: Sendable {
    /// Adds a user, with an audit record.
    ///
    /// - Throws: ``StoreError/Code/conflict`` if the address, login name or id is taken; the
    ///   detail says which.
    func addUser(_ user: User, audit: AuditEvent) throws(StoreError)

    /// The user that the reference names, or nil.
    func user(_ reference: UserReference) throws(StoreError) -> User?

    /// Users in the order of their addresses, after `after`, at most `limit`.
    func users(after: EmailAddress?, limit: Int) throws(StoreError) -> [User]

    /// Users that match, in the order of `query.field` and then of their ids. A page costs no
    /// more in a large pool than in a small one.
    func users(_ query: UserQuery) throws(StoreError) -> [User]

    /// Changes the user with this id in one transaction with what it was, as
    /// ``updateUser(_:audit:)`` does: of two changes at once, none undoes the other. If nothing
    /// differs, nothing is written.
    ///
    /// - Throws: ``StoreError/Code/conflict`` if the new address or login name is another user's.
    func changeUser(_ id: UserID, audit: AuditEvent, _ change: (inout User) -> Void)
        throws(StoreError) -> UserChangeResult

    /// Replaces the user with the same id, with an audit record. A changed address, or a user
    /// disabled, ends the user's live challenges (they count as expired from `audit.at`), deletes
    /// queued mails, erases the text of the others, and revokes the sessions.
    ///
    /// - Returns: false if there is no such user; then nothing is written.
    /// - Throws: ``StoreError/Code/conflict`` if the address or login name is another user's.
    func updateUser(_ user: User, audit: AuditEvent) throws(StoreError) -> Bool

    /// Deletes a user with all challenges, mails and sessions; the audit trail stays.
    ///
    /// - Returns: false if there is no such user; then nothing is written.
    func deleteUser(_ id: UserID, audit: AuditEvent) throws(StoreError) -> Bool

    /// As ``deleteUser(_:audit:)``, unless the user has a login name.
    ///
    /// - Returns: false if there is no such user, or one with a login name; then nothing is
    ///   written.
    func deleteUserWithoutLogin(_ id: UserID, audit: AuditEvent) throws(StoreError) -> Bool

    /// Replaces the name of a user and nothing else, with an audit record: what an administrator
    /// changes at the same time stays changed.
    ///
    /// - Returns: false if there is no such user, or one who is disabled; then nothing is written.
    func setName(_ name: String?, of id: UserID, audit: AuditEvent) throws(StoreError) -> Bool
}

/// What became of a change to a user.
package enum UserChangeResult: Hashable, Sendable {
    case changed(User)
    /// The user was so already.
    case unchanged(User)
    /// There is no such user.
    case gone
}

/// Challenges and the limits that guard them.
package protocol ChallengeStore: Sendable {
    /// Starts a challenge, or finds the live one that the same sign-in has already.
    ///
    /// In one transaction, in this order:
    /// 1. the rules ``LimitName/startsPerSource``, ``LimitName/failuresPerAccount``,
    ///    ``LimitName/failuresPerSource`` and ``LimitName/failuresTotal`` must have room;
    /// 2. a live challenge (not consumed, not expired, attempts left) with the same subject and
    ///    resume key is resumed: only ``LimitName/startsPerSource`` is counted. So is the newest
    ///    live one whose key begins with `start.resumePrefix`, if the subject was mailed less than
    ///    `start.resendAfter` ago;
    /// 3. else fewer than `start.maximumLive` challenges of the subject may live, none of the
    ///    subject may have been mailed less than `start.resendAfter` ago and be unconsumed,
    ///    and the mail rates and all other rules must have room;
    /// 4. challenge, outbox item, one event of each rule that counts (and of the mail rates),
    ///    and the audit record are written.
    ///
    /// A refusal writes an audit record and nothing else. Of several limits of a step that
    /// refuse, the one that stays shut longest is told. ``LimitName/mailsTotal`` is counted only
    /// if there is a mail. A user who is disabled or gone by now gets a decoy: no mail, and no
    /// answer consumes it. Of a rule with ``LimitRule/strangerRates`` those hold if
    /// `start.sourceKey` names a source from which nobody has signed in.
    func startChallenge(_ start: ChallengeStart) throws(StoreError) -> ChallengeStartResult

    /// Counts one attempt at a challenge, before anybody looks whether it is right.
    ///
    /// In one transaction: the challenge must be there, for this purpose, unconsumed, live and
    /// with attempts left, and every rule must have room, asked in this order; then one attempt
    /// is taken and one event of each rule is counted. A refusal writes nothing.
    func countAttempt(_ attempt: ChallengeAttempt) throws(StoreError) -> ChallengeAttemptResult

    /// Consumes a challenge after the right answer, exactly once.
    ///
    /// In one transaction: still unconsumed, the user still there and enabled, and unexpired,
    /// asked in this order (a decoy, or a challenge that is not there, is one whose user is
    /// gone). The user is the challenge's, or for a sign-up the one of the session, who must
    /// have the address of the challenge and is added if it is `newUser`. Then a mark that the
    /// user's mail bounced is taken away, since it did not; the challenge is marked consumed, its
    /// code and what was kept with it (``keepRounds(_:)``) are erased, its mail is deleted if
    /// queued and else loses its text, the events that
    /// ``countAttempt(_:)`` counted for this attempt are taken back, the login session and the
    /// audit record are written. A refusal writes nothing.
    func consumeChallenge(_ consumption: ChallengeConsumption) throws(StoreError)
        -> ChallengeConsumptionResult

    /// Counts a resend of a challenge's mail: live, unconsumed, attempts left, last mailed at
    /// least `resendAfter` ago, every rule with room; then `mailedAt` moves and its mail (none
    /// for a decoy) is queued again and claimed for the caller, unless another has it in hand
    /// or the user's mail bounces. Attempts are not refilled. A limit that refuses writes an
    /// audit record of kind ``AuditEvent/Kind/limited`` and nothing else.
    func resendChallenge(_ resend: ChallengeResend) throws(StoreError) -> ChallengeResendResult

    /// Keeps something with a challenge for its next round: for this purpose, live (not consumed,
    /// not expired, attempts left), and with exactly as many attempts left as the round says.
    ///
    /// With a right attempt, the events that ``countAttempt(_:)`` counted for it are taken back;
    /// the attempt itself is not given back.
    ///
    /// - Returns: the challenge, or nil if it is not so; then nothing is written.
    func keepRounds(_ rounds: RoundsToKeep) throws(StoreError) -> LiveChallenge?

    /// Ends a challenge: no attempts are left, its code and what was kept with it are erased, and
    /// its mail is deleted if queued and else loses its text. An abandoned one also keeps no mail
    /// back: `resendAfter` is not counted from it. Writes the audit record. Of a challenge that is
    /// gone or consumed, nothing is written.
    ///
    /// An attempt that was counted before may still consume it.
    func endChallenge(_ end: ChallengeEnd) throws(StoreError)

    /// Of the live challenges (not consumed, not expired, attempts left) of a subject for a
    /// purpose, the one that was started last.
    func newestChallenge(subject: String, purpose: String, now: Timestamp) throws(StoreError)
        -> ChallengeID?
}

/// Mails on their way.
package protocol OutboxStore: Sendable {
    /// Takes an unsent mail of a live challenge for delivery, so that nobody else delivers it
    /// meanwhile.
    ///
    /// - Returns: nil if there is none, it was sent, another has claimed it, or the user's mail
    ///   bounces.
    func claimMail(of challenge: ChallengeID, now: Timestamp, until: Timestamp)
        throws(StoreError) -> OutboxItem?

    /// Keeps a mail that the caller has claimed, and that waits for its turn, for longer.
    ///
    /// - Parameter claim: until when the caller had it.
    /// - Returns: false if the claim is over, or the mail is not wanted any more; then somebody
    ///   else may have it in hand.
    func extendClaim(_ id: MailID, from claim: Timestamp, until: Timestamp) throws(StoreError)
        -> Bool

    /// The relay took the mail. Of a mail that is gone meanwhile, nothing is written.
    func mailSent(_ id: MailID, answer: String, at: Timestamp) throws(StoreError)

    /// Takes unsent mails of live challenges whose turn it is: queued, claimed by nobody, due for
    /// another try, and to nobody whose mail bounces; those that have waited longest, at most
    /// `limit`, the longest first.
    func claimDueMails(now: Timestamp, until: Timestamp, limit: Int) throws(StoreError)
        -> [OutboxItem]

    /// The relay did not take the mail; it stays queued and is due again at `retryAt`, or with
    /// nil it has failed for good. It is free to be claimed by name at once. Writes an audit
    /// record. What somebody else has delivered meanwhile stays sent.
    func mailFailed(_ id: MailID, answer: String, retryAt: Timestamp?, audit: AuditEvent)
        throws(StoreError)

    /// How many mails wait or have failed, and for how long.
    func mailStatistics() throws(StoreError) -> MailStatistics

    /// A mail came back: marks its user, so that no further code is mailed there, until the
    /// address changes, an administrator takes the mark away, or a code from it is entered.
    ///
    /// The mail is known by the audit record of the challenge that it was for, whose detail is
    /// ``MailID/auditDetail``. Writes an audit record of the user.
    ///
    /// - Parameter recipient: the address that the mail came back from; another than the
    ///   user's of today marks nobody.
    /// - Returns: the user that is marked now, or nil.
    func markBounced(_ id: MailID, recipient: EmailAddress, audit: AuditEvent, reason: String)
        throws(StoreError) -> User?

    /// Mails that are queued or failed, or with `includingSent` all, newest first.
    func outbox(includingSent: Bool, limit: Int) throws(StoreError) -> [OutboxItem]
}

/// Login sessions. They come into being in ``ChallengeStore/consumeChallenge(_:)``.
package protocol SessionStore: Sendable {
    /// The session with this id, ended or not.
    func session(_ id: SessionID) throws(StoreError) -> LoginSession?

    /// Sessions that are neither expired nor revoked, newest first.
    func sessions(of user: UserID?, now: Timestamp, limit: Int) throws(StoreError)
        -> [LoginSession]

    /// Whether a user has signed in from a source (``LoginSession/sourceKey``), as far back as
    /// sessions are kept. Costs the same for an id that nobody has.
    func hasSignedIn(_ user: UserID, from sourceKey: String) throws(StoreError) -> Bool

    /// Revokes a live session.
    ///
    /// - Returns: false if there is none, or it had ended.
    func revokeSession(_ id: SessionID, audit: AuditEvent) throws(StoreError) -> Bool

    /// Puts the next refresh token of a family in the place of the one presented, exactly once.
    ///
    /// In one transaction: the session must live and have refresh tokens, its user be enabled;
    /// the newest generation is followed by the next; the one before it, within the grace, is
    /// answered with the newest; any older one revokes the session, with an audit record.
    func rotateRefresh(_ rotation: RefreshRotation) throws(StoreError) -> RefreshRotationResult

    /// Revokes all live sessions of a user and returns how many there were.
    func revokeSessions(of user: UserID, audit: AuditEvent) throws(StoreError) -> Int
}

/// Who signed in, tried, failed, from where.
package protocol AuditStore: Sendable {
    /// Adds a record to the trail.
    func appendAudit(_ event: AuditEvent) throws(StoreError)

    /// Records that match, oldest first; of more than `query.limit`, the newest unless
    /// `query.after` is given.
    func auditTrail(_ query: AuditQuery) throws(StoreError) -> [AuditRecord]
}
