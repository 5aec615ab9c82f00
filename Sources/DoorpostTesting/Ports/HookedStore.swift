package import DoorpostCore
import Synchronization

/// Another store, with a hook before each call that may keep count, or throw in its place.
package final class HookedStore: Store {
    private let base: any Store
    private let hook = Mutex<@Sendable (String) throws(StoreError) -> Void>({ _ in })

    package init(_ base: any Store) {
        self.base = base
    }

    /// - Parameter hook: is told which call comes, by the name of its function.
    package func hook(_ hook: @escaping @Sendable (String) throws(StoreError) -> Void) {
        self.hook.withLock { $0 = hook }
    }

    /// What every call throws from now on; nil to work again.
    package func fail(with error: StoreError?) {
        hook { (_) throws(StoreError) in if let error { throw error } }
    }

    private func before(_ intent: String) throws(StoreError) {
        try hook.withLock { $0 }(intent)
    }
}

// Every call, forwarded.
extension HookedStore {
    @discardableResult
    package func purge(now: Timestamp, limit: Int) throws(StoreError) -> Int {
        try before("purge")
        return try base.purge(now: now, limit: limit)
    }

    package func addUser(_ user: User, audit: AuditEvent) throws(StoreError) {
        try before("addUser")
        try base.addUser(user, audit: audit)
    }

    package func user(_ reference: UserReference) throws(StoreError) -> User? {
        try before("user")
        return try base.user(reference)
    }

    package func users(after: EmailAddress?, limit: Int) throws(StoreError) -> [User] {
        try before("users")
        return try base.users(after: after, limit: limit)
    }

    package func updateUser(_ user: User, audit: AuditEvent) throws(StoreError) -> Bool {
        try before("updateUser")
        return try base.updateUser(user, audit: audit)
    }

    package func deleteUser(_ id: UserID, audit: AuditEvent) throws(StoreError) -> Bool {
        try before("deleteUser")
        return try base.deleteUser(id, audit: audit)
    }

    package func deleteUserWithoutLogin(_ id: UserID, audit: AuditEvent) throws(StoreError)
        -> Bool
    {
        try before("deleteUserWithoutLogin")
        return try base.deleteUserWithoutLogin(id, audit: audit)
    }

    package func setName(_ name: String?, of id: UserID, audit: AuditEvent) throws(StoreError)
        -> Bool
    {
        try before("setName")
        return try base.setName(name, of: id, audit: audit)
    }

    package func startChallenge(_ start: ChallengeStart) throws(StoreError) -> ChallengeStartResult
    {
        try before("startChallenge")
        return try base.startChallenge(start)
    }

    package func countAttempt(_ attempt: ChallengeAttempt) throws(StoreError)
        -> ChallengeAttemptResult
    {
        try before("countAttempt")
        return try base.countAttempt(attempt)
    }

    package func consumeChallenge(_ consumption: ChallengeConsumption) throws(StoreError)
        -> ChallengeConsumptionResult
    {
        try before("consumeChallenge")
        return try base.consumeChallenge(consumption)
    }

    package func resendChallenge(_ resend: ChallengeResend) throws(StoreError)
        -> ChallengeResendResult
    {
        try before("resendChallenge")
        return try base.resendChallenge(resend)
    }

    package func keepRounds(_ rounds: RoundsToKeep) throws(StoreError) -> LiveChallenge? {
        try before("keepRounds")
        return try base.keepRounds(rounds)
    }

    package func endChallenge(_ end: ChallengeEnd) throws(StoreError) {
        try before("endChallenge")
        try base.endChallenge(end)
    }

    package func newestChallenge(subject: String, purpose: String, now: Timestamp)
        throws(StoreError) -> ChallengeID?
    {
        try before("newestChallenge")
        return try base.newestChallenge(subject: subject, purpose: purpose, now: now)
    }

    package func claimMail(of challenge: ChallengeID, now: Timestamp, until: Timestamp)
        throws(StoreError) -> OutboxItem?
    {
        try before("claimMail")
        return try base.claimMail(of: challenge, now: now, until: until)
    }

    package func extendClaim(_ id: MailID, from claim: Timestamp, until: Timestamp)
        throws(StoreError) -> Bool
    {
        try before("extendClaim")
        return try base.extendClaim(id, from: claim, until: until)
    }

    package func mailSent(_ id: MailID, answer: String, at: Timestamp) throws(StoreError) {
        try before("mailSent")
        try base.mailSent(id, answer: answer, at: at)
    }

    package func claimDueMails(now: Timestamp, until: Timestamp, limit: Int) throws(StoreError)
        -> [OutboxItem]
    {
        try before("claimDueMails")
        return try base.claimDueMails(now: now, until: until, limit: limit)
    }

    package func mailFailed(_ id: MailID, answer: String, retryAt: Timestamp?, audit: AuditEvent)
        throws(StoreError)
    {
        try before("mailFailed")
        try base.mailFailed(id, answer: answer, retryAt: retryAt, audit: audit)
    }

    package func mailStatistics() throws(StoreError) -> MailStatistics {
        try before("mailStatistics")
        return try base.mailStatistics()
    }

    package func markBounced(
        _ id: MailID, recipient: EmailAddress, audit: AuditEvent, reason: String
    ) throws(StoreError) -> User? {
        try before("markBounced")
        return try base.markBounced(id, recipient: recipient, audit: audit, reason: reason)
    }

    package func outbox(includingSent: Bool, limit: Int) throws(StoreError) -> [OutboxItem] {
        try before("outbox")
        return try base.outbox(includingSent: includingSent, limit: limit)
    }

    package func session(_ id: SessionID) throws(StoreError) -> LoginSession? {
        try before("session")
        return try base.session(id)
    }

    package func sessions(of user: UserID?, now: Timestamp, limit: Int) throws(StoreError)
        -> [LoginSession]
    {
        try before("sessions")
        return try base.sessions(of: user, now: now, limit: limit)
    }

    package func revokeSession(_ id: SessionID, audit: AuditEvent) throws(StoreError) -> Bool {
        try before("revokeSession")
        return try base.revokeSession(id, audit: audit)
    }

    package func rotateRefresh(_ rotation: RefreshRotation) throws(StoreError)
        -> RefreshRotationResult
    {
        try before("rotateRefresh")
        return try base.rotateRefresh(rotation)
    }

    package func revokeSessions(of user: UserID, audit: AuditEvent) throws(StoreError) -> Int {
        try before("revokeSessions")
        return try base.revokeSessions(of: user, audit: audit)
    }

    package func appendAudit(_ event: AuditEvent) throws(StoreError) {
        try before("appendAudit")
        try base.appendAudit(event)
    }

    package func auditTrail(_ query: AuditQuery) throws(StoreError) -> [AuditRecord] {
        try before("auditTrail")
        return try base.auditTrail(query)
    }

    package func addClient(_ client: AppClient, audit: AuditEvent) throws(StoreError) {
        try before("addClient")
        try base.addClient(client, audit: audit)
    }

    package func client(_ id: ClientID) throws(StoreError) -> AppClient? {
        try before("client")
        return try base.client(id)
    }

    package func clients() throws(StoreError) -> [AppClient] {
        try before("clients")
        return try base.clients()
    }

    package func removeClient(_ id: ClientID, audit: AuditEvent) throws(StoreError) -> Bool {
        try before("removeClient")
        return try base.removeClient(id, audit: audit)
    }

    package func addAPIKey(_ key: APIKey, audit: AuditEvent) throws(StoreError) {
        try before("addAPIKey")
        try base.addAPIKey(key, audit: audit)
    }

    package func hasSignedIn(_ user: UserID, from sourceKey: String) throws(StoreError) -> Bool {
        try before("hasSignedIn")
        return try base.hasSignedIn(user, from: sourceKey)
    }

    package func addHost(_ host: EnrolledHost, audit: AuditEvent) throws(StoreError) {
        try before("addHost")
        try base.addHost(host, audit: audit)
    }

    package func host(_ id: HostID) throws(StoreError) -> EnrolledHost? {
        try before("host")
        return try base.host(id)
    }

    package func hosts() throws(StoreError) -> [EnrolledHost] {
        try before("hosts")
        return try base.hosts()
    }

    package func revokeHost(named name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        try before("revokeHost")
        return try base.revokeHost(named: name, audit: audit)
    }

    package func apiKey(_ id: APIKeyID) throws(StoreError) -> APIKey? {
        try before("apiKey")
        return try base.apiKey(id)
    }

    package func apiKeys() throws(StoreError) -> [APIKey] {
        try before("apiKeys")
        return try base.apiKeys()
    }

    package func removeAPIKey(_ id: APIKeyID, audit: AuditEvent) throws(StoreError) -> Bool {
        try before("removeAPIKey")
        return try base.removeAPIKey(id, audit: audit)
    }

    package func useSignature(_ signature: String, expiresAt: Timestamp) throws(StoreError)
        -> Bool
    {
        try before("useSignature")
        return try base.useSignature(signature, expiresAt: expiresAt)
    }

    package func checkWritable() throws(StoreError) {
        try before("checkWritable")
        try base.checkWritable()
    }

    package func users(_ query: UserQuery) throws(StoreError) -> [User] {
        try before("queryUsers")
        return try base.users(query)
    }

    package func changeUser(_ id: UserID, audit: AuditEvent, _ change: (inout User) -> Void)
        throws(StoreError) -> UserChangeResult
    {
        try before("changeUser")
        return try base.changeUser(id, audit: audit, change)
    }

    package func addGroup(_ group: UserGroup, audit: AuditEvent) throws(StoreError) {
        try before("addGroup")
        try base.addGroup(group, audit: audit)
    }

    package func group(_ name: String) throws(StoreError) -> UserGroup? {
        try before("group")
        return try base.group(name)
    }

    package func groups(after: String?, limit: Int) throws(StoreError) -> [UserGroup] {
        try before("groups")
        return try base.groups(after: after, limit: limit)
    }

    package func removeGroup(_ name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        try before("removeGroup")
        return try base.removeGroup(name, audit: audit)
    }

    package func users(inGroup name: String, after: UserID?, limit: Int) throws(StoreError)
        -> [User]
    {
        try before("usersInGroup")
        return try base.users(inGroup: name, after: after, limit: limit)
    }

    package func setMember(_ user: UserID, of group: String, to isMember: Bool, audit: AuditEvent)
        throws(StoreError) -> MembershipResult
    {
        try before("setMember")
        return try base.setMember(user, of: group, to: isMember, audit: audit)
    }
}
