/// How the calls of the door end, as metrics count them: the raw value is the `outcome`.
package enum InitiateEvent: String, CaseIterable, Sendable {
    case started, resumed, limited
    /// By a trigger.
    case refused
    case mailUnavailable = "mail_unavailable"
    case error
}

/// See ``InitiateEvent``.
package enum VerifyEvent: String, CaseIterable, Sendable {
    case signedIn = "signed_in"
    case wrong
    /// Right, and a trigger asks for more.
    case asked
    case triesUsedUp = "tries_used_up"
    case expired, used, unknown, limited, error
}

/// See ``InitiateEvent``.
package enum ResendEvent: String, CaseIterable, Sendable {
    case sent, limited, expired, used
    case triesUsedUp = "tries_used_up"
    case unknown
    case mailUnavailable = "mail_unavailable"
    case error
}

/// See ``InitiateEvent``.
package enum RefreshEvent: String, CaseIterable, Sendable {
    case rotated, repeated, reused, refused, error
}

/// What became of one try to hand over a mail.
package enum MailEvent: String, CaseIterable, Sendable {
    case sent
    /// Not taken; tried again later.
    case deferred
    /// Not taken, and never will be.
    case failed
}

/// What a store is asked, as metrics name it.
package enum StoreIntent: String, CaseIterable, Sendable {
    case purge
    case checkWritable = "check_writable"
    case addUser = "add_user"
    case user, users
    case updateUser = "update_user"
    case deleteUser = "delete_user"
    case deleteUserWithoutLogin = "delete_user_without_login"
    case setName = "set_name"
    case startChallenge = "start_challenge"
    case countAttempt = "count_attempt"
    case consumeChallenge = "consume_challenge"
    case resendChallenge = "resend_challenge"
    case keepRounds = "keep_rounds"
    case endChallenge = "end_challenge"
    case newestChallenge = "newest_challenge"
    case claimMail = "claim_mail"
    case extendClaim = "extend_claim"
    case mailSent = "mail_sent"
    case claimDueMails = "claim_due_mails"
    case mailFailed = "mail_failed"
    case mailStatistics = "mail_statistics"
    case markBounced = "mark_bounced"
    case outbox, session, sessions
    case revokeSession = "revoke_session"
    case rotateRefresh = "rotate_refresh"
    case revokeSessions = "revoke_sessions"
    case appendAudit = "append_audit"
    case auditTrail = "audit_trail"
    case queryUsers = "query_users"
    case changeUser = "change_user"
    case addGroup = "add_group"
    case group, groups
    case removeGroup = "remove_group"
    case usersInGroup = "users_in_group"
    case setMember = "set_member"
    case addClient = "add_client"
    case client, clients
    case removeClient = "remove_client"
    case addAPIKey = "add_api_key"
    case hasSignedIn = "has_signed_in"
    case addHost = "add_host"
    case host, hosts
    case revokeHost = "revoke_host"
    case apiKey = "api_key"
    case apiKeys = "api_keys"
    case removeAPIKey = "remove_api_key"
    case useSignature = "use_signature"
}
