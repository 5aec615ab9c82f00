// What a store is asked about refresh tokens, and what it answers.

/// A refresh token that was presented, and the next one of its family to take its place.
package struct RefreshRotation: Hashable, Sendable {
    package var session: SessionID
    /// The generation of the token that was presented.
    package var generation: Int
    /// The service that the session must have been begun for: another client's token is none.
    package var service: String
    package var now: Timestamp
    /// How long the token before the newest one still answers with the newest: two tabs that
    /// refresh at once, or an answer that was lost, are no theft.
    package var grace: Span
    /// Written with ``AuditEvent/Kind/refreshReused`` when the family is revoked.
    package var audit: AuditEvent

    package init(
        session: SessionID, generation: Int, service: String, now: Timestamp, grace: Span,
        audit: AuditEvent
    ) {
        self.session = session
        self.generation = generation
        self.service = service
        self.now = now
        self.grace = grace
        self.audit = audit
    }
}

package enum RefreshRotationResult: Hashable, Sendable {
    /// The next generation took its place.
    case rotated(LoginSession, User)
    /// It was rotated within the grace: the newest generation, once more.
    case repeated(LoginSession, User)
    /// It was rotated longer ago, so somebody else has it: the family is revoked now.
    case reused
    /// The session is over or unknown, the user disabled or gone, or the token is one that
    /// this store never gave out.
    case ended
}
