/// What came of ``Flow/initiate(_:in:)``.
package enum InitiateOutcome: Sendable {
    case started(Started)
    /// A limit is used up; nothing was mailed.
    case limited(retryAfter: Span, limit: LimitName)
    /// A trigger decided that nobody is asked anything.
    case refused
    /// A trigger let a sign-up pass without a code: the user, or who would be it if there were
    /// none with that address.
    case confirmed(UserID)

    package struct Started: Sendable {
        package var live: LiveChallenge
        /// Of the code that is asked for, unless a trigger asks something else.
        package var shape: CodeShape
        /// The same sign-in was started before, and its code is still good.
        package var isResumed: Bool
        /// Nobody in the pool is meant, and no code opens this challenge. Never to be shown: a
        /// door may only choose a return code by it that its contract asks for.
        package var isDecoy: Bool
        /// The mail to hand over now, claimed for this caller. Nil for a decoy, and where the
        /// mail of a resumed challenge is out already or in other hands.
        package var mail: PendingMail?
        /// What a trigger asks in the place of the mailed code.
        package var question: TriggerQuestion?
    }
}
