/// What happened, for the audit trail. Never a code, a token or anything that a person typed
/// where a code was asked for.
package struct AuditEvent: Hashable, Sendable {
    /// What kind of event it is; the raw value is the stable name in the store and in `--json`.
    package enum Kind: String, Sendable, CaseIterable {
        case codeRequested = "code_requested"
        case codeResumed = "code_resumed"
        case codeResent = "code_resent"
        case limited = "limited"
        case codeWrong = "code_wrong"
        case codeExpired = "code_expired"
        case codeReused = "code_reused"
        case triesUsedUp = "tries_used_up"
        case signedIn = "signed_in"
        case sessionRevoked = "session_revoked"
        case refreshReused = "refresh_reused"
        case triggerFailed = "trigger_failed"
        case mailFailed = "mail_failed"
        case mailBounced = "mail_bounced"
        case userAdded = "user_added"
        case userChanged = "user_changed"
        case userDeleted = "user_deleted"
        case groupAdded = "group_added"
        case groupRemoved = "group_removed"
        case clientAdded = "client_added"
        case clientRemoved = "client_removed"
        case apiKeyAdded = "api_key_added"
        case apiKeyRemoved = "api_key_removed"
        case hostAdded = "host_added"
        case hostRevoked = "host_revoked"
        case hostRefused = "host_refused"
        case storeRestored = "store_restored"
        case storeCopied = "store_copied"
    }

    package var at: Timestamp
    package var kind: Kind
    /// The user, or nil if nobody in the pool is meant.
    package var user: UserID?
    /// `pam`, `web` or `admin`.
    package var door: String
    package var service: String
    package var host: String
    /// The remote address or name as it was told to us, or "" for the console.
    package var source: String
    /// More for the administrator: the limit that was hit, the relay's answer, what was changed.
    package var detail: String

    package init(
        at: Timestamp, kind: Kind, user: UserID?, door: String, service: String = "",
        host: String = "", source: String = "", detail: String = ""
    ) {
        self.at = at
        self.kind = kind
        self.user = user
        self.door = door
        self.service = service
        self.host = host
        self.source = source
        self.detail = detail
    }
}

/// An audit event with its place in the trail, which only grows.
package struct AuditRecord: Hashable, Sendable {
    package var sequence: Int64
    package var event: AuditEvent

    package init(sequence: Int64, event: AuditEvent) {
        self.sequence = sequence
        self.event = event
    }
}

/// Which part of the audit trail is wanted, oldest first.
package struct AuditQuery: Hashable, Sendable {
    /// Only records after this sequence number.
    package var after: Int64
    /// Only records before this sequence number, the newest of them; not together with `after`.
    package var before: Int64?
    /// Only records of these kinds; nil: of all.
    package var kinds: [AuditEvent.Kind]?
    package var user: UserID?
    package var since: Timestamp?
    package var limit: Int

    package init(
        after: Int64 = 0, before: Int64? = nil, kinds: [AuditEvent.Kind]? = nil,
        user: UserID? = nil, since: Timestamp? = nil, limit: Int = 1000
    ) {
        self.after = after
        self.before = before
        self.kinds = kinds
        self.user = user
        self.since = since
        self.limit = limit
    }
}
