package import DoorpostCore

// Every intent, forwarded.
extension MeasuredStore {
    @discardableResult
    package func purge(now: Timestamp, limit: Int) throws(StoreError) -> Int {
        try measure(.purge) { () throws(StoreError) in try base.purge(now: now, limit: limit) }
    }

    package func addUser(_ user: User, audit: AuditEvent) throws(StoreError) {
        try measure(.addUser) { () throws(StoreError) in try base.addUser(user, audit: audit) }
    }

    package func user(_ reference: UserReference) throws(StoreError) -> User? {
        try measure(.user) { () throws(StoreError) in try base.user(reference) }
    }

    package func users(after: EmailAddress?, limit: Int) throws(StoreError) -> [User] {
        try measure(.users) { () throws(StoreError) in try base.users(after: after, limit: limit) }
    }

    package func updateUser(_ user: User, audit: AuditEvent) throws(StoreError) -> Bool {
        try measure(.updateUser) { () throws(StoreError) in try base.updateUser(user, audit: audit)
        }
    }

    package func deleteUser(_ id: UserID, audit: AuditEvent) throws(StoreError) -> Bool {
        try measure(.deleteUser) { () throws(StoreError) in try base.deleteUser(id, audit: audit) }
    }

    package func deleteUserWithoutLogin(_ id: UserID, audit: AuditEvent) throws(StoreError)
        -> Bool
    {
        try measure(.deleteUserWithoutLogin) { () throws(StoreError) in
            try base.deleteUserWithoutLogin(id, audit: audit)
        }
    }

    package func setName(_ name: String?, of id: UserID, audit: AuditEvent) throws(StoreError)
        -> Bool
    {
        try measure(.setName) { () throws(StoreError) in
            try base.setName(name, of: id, audit: audit)
        }
    }

    package func startChallenge(_ start: ChallengeStart) throws(StoreError) -> ChallengeStartResult
    {
        try measure(.startChallenge) { () throws(StoreError) in try base.startChallenge(start) }
    }

    package func countAttempt(_ attempt: ChallengeAttempt) throws(StoreError)
        -> ChallengeAttemptResult
    {
        try measure(.countAttempt) { () throws(StoreError) in try base.countAttempt(attempt) }
    }

    package func consumeChallenge(_ consumption: ChallengeConsumption) throws(StoreError)
        -> ChallengeConsumptionResult
    {
        try measure(.consumeChallenge) { () throws(StoreError) in
            try base.consumeChallenge(consumption)
        }
    }

    package func resendChallenge(_ resend: ChallengeResend) throws(StoreError)
        -> ChallengeResendResult
    {
        try measure(.resendChallenge) { () throws(StoreError) in try base.resendChallenge(resend) }
    }

    package func keepRounds(_ rounds: RoundsToKeep) throws(StoreError) -> LiveChallenge? {
        try measure(.keepRounds) { () throws(StoreError) in try base.keepRounds(rounds) }
    }

    package func endChallenge(_ end: ChallengeEnd) throws(StoreError) {
        try measure(.endChallenge) { () throws(StoreError) in try base.endChallenge(end) }
    }

    package func newestChallenge(subject: String, purpose: String, now: Timestamp)
        throws(StoreError) -> ChallengeID?
    {
        try measure(.newestChallenge) { () throws(StoreError) in
            try base.newestChallenge(subject: subject, purpose: purpose, now: now)
        }
    }

    package func claimMail(of challenge: ChallengeID, now: Timestamp, until: Timestamp)
        throws(StoreError) -> OutboxItem?
    {
        try measure(.claimMail) { () throws(StoreError) in
            try base.claimMail(of: challenge, now: now, until: until)
        }
    }

    package func extendClaim(_ id: MailID, from claim: Timestamp, until: Timestamp)
        throws(StoreError) -> Bool
    {
        try measure(.extendClaim) { () throws(StoreError) in
            try base.extendClaim(id, from: claim, until: until)
        }
    }

    package func mailSent(_ id: MailID, answer: String, at: Timestamp) throws(StoreError) {
        try measure(.mailSent) { () throws(StoreError) in
            try base.mailSent(id, answer: answer, at: at)
        }
    }

    package func claimDueMails(now: Timestamp, until: Timestamp, limit: Int) throws(StoreError)
        -> [OutboxItem]
    {
        try measure(.claimDueMails) { () throws(StoreError) in
            try base.claimDueMails(now: now, until: until, limit: limit)
        }
    }

    package func mailFailed(_ id: MailID, answer: String, retryAt: Timestamp?, audit: AuditEvent)
        throws(StoreError)
    {
        try measure(.mailFailed) { () throws(StoreError) in
            try base.mailFailed(id, answer: answer, retryAt: retryAt, audit: audit)
        }
    }

    package func mailStatistics() throws(StoreError) -> MailStatistics {
        try measure(.mailStatistics) { () throws(StoreError) in try base.mailStatistics() }
    }

    package func markBounced(
        _ id: MailID, recipient: EmailAddress, audit: AuditEvent, reason: String
    ) throws(StoreError) -> User? {
        try measure(.markBounced) { () throws(StoreError) in
            try base.markBounced(id, recipient: recipient, audit: audit, reason: reason)
        }
    }

    package func outbox(includingSent: Bool, limit: Int) throws(StoreError) -> [OutboxItem] {
        try measure(.outbox) { () throws(StoreError) in
            try base.outbox(includingSent: includingSent, limit: limit)
        }
    }

    package func session(_ id: SessionID) throws(StoreError) -> LoginSession? {
        try measure(.session) { () throws(StoreError) in try base.session(id) }
    }

    package func sessions(of user: UserID?, now: Timestamp, limit: Int) throws(StoreError)
        -> [LoginSession]
    {
        try measure(.sessions) { () throws(StoreError) in
            try base.sessions(of: user, now: now, limit: limit)
        }
    }

    package func revokeSession(_ id: SessionID, audit: AuditEvent) throws(StoreError) -> Bool {
        try measure(.revokeSession) { () throws(StoreError) in
            try base.revokeSession(id, audit: audit)
        }
    }

    package func rotateRefresh(_ rotation: RefreshRotation) throws(StoreError)
        -> RefreshRotationResult
    {
        try measure(.rotateRefresh) { () throws(StoreError) in try base.rotateRefresh(rotation) }
    }

    package func revokeSessions(of user: UserID, audit: AuditEvent) throws(StoreError) -> Int {
        try measure(.revokeSessions) { () throws(StoreError) in
            try base.revokeSessions(of: user, audit: audit)
        }
    }

    package func appendAudit(_ event: AuditEvent) throws(StoreError) {
        try measure(.appendAudit) { () throws(StoreError) in try base.appendAudit(event) }
    }

    package func auditTrail(_ query: AuditQuery) throws(StoreError) -> [AuditRecord] {
        try measure(.auditTrail) { () throws(StoreError) in try base.auditTrail(query) }
    }

    package func checkWritable() throws(StoreError) {
        try measure(.checkWritable) { () throws(StoreError) in try base.checkWritable() }
    }

    package func addClient(_ client: AppClient, audit: AuditEvent) throws(StoreError) {
        try measure(.addClient) { () throws(StoreError) in
            try base.addClient(client, audit: audit)
        }
    }

    package func client(_ id: ClientID) throws(StoreError) -> AppClient? {
        try measure(.client) { () throws(StoreError) in try base.client(id) }
    }

    package func clients() throws(StoreError) -> [AppClient] {
        try measure(.clients) { () throws(StoreError) in try base.clients() }
    }

    package func removeClient(_ id: ClientID, audit: AuditEvent) throws(StoreError) -> Bool {
        try measure(.removeClient) { () throws(StoreError) in
            try base.removeClient(id, audit: audit)
        }
    }

    package func addAPIKey(_ key: APIKey, audit: AuditEvent) throws(StoreError) {
        try measure(.addAPIKey) { () throws(StoreError) in try base.addAPIKey(key, audit: audit) }
    }

    package func hasSignedIn(_ user: UserID, from sourceKey: String) throws(StoreError) -> Bool {
        try measure(.hasSignedIn) { () throws(StoreError) in
            try base.hasSignedIn(user, from: sourceKey)
        }
    }

    package func addHost(_ host: EnrolledHost, audit: AuditEvent) throws(StoreError) {
        try measure(.addHost) { () throws(StoreError) in try base.addHost(host, audit: audit) }
    }

    package func host(_ id: HostID) throws(StoreError) -> EnrolledHost? {
        try measure(.host) { () throws(StoreError) in try base.host(id) }
    }

    package func hosts() throws(StoreError) -> [EnrolledHost] {
        try measure(.hosts) { () throws(StoreError) in try base.hosts() }
    }

    package func revokeHost(named name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        try measure(.revokeHost) { () throws(StoreError) in
            try base.revokeHost(named: name, audit: audit)
        }
    }

    package func apiKey(_ id: APIKeyID) throws(StoreError) -> APIKey? {
        try measure(.apiKey) { () throws(StoreError) in try base.apiKey(id) }
    }

    package func apiKeys() throws(StoreError) -> [APIKey] {
        try measure(.apiKeys) { () throws(StoreError) in try base.apiKeys() }
    }

    package func removeAPIKey(_ id: APIKeyID, audit: AuditEvent) throws(StoreError) -> Bool {
        try measure(.removeAPIKey) { () throws(StoreError) in
            try base.removeAPIKey(id, audit: audit)
        }
    }

    package func useSignature(_ signature: String, expiresAt: Timestamp) throws(StoreError)
        -> Bool
    {
        try measure(.useSignature) { () throws(StoreError) in
            try base.useSignature(signature, expiresAt: expiresAt)
        }
    }

    package func users(_ query: UserQuery) throws(StoreError) -> [User] {
        try measure(.queryUsers) { () throws(StoreError) in try base.users(query) }
    }

    package func changeUser(_ id: UserID, audit: AuditEvent, _ change: (inout User) -> Void)
        throws(StoreError) -> UserChangeResult
    {
        try measure(.changeUser) { () throws(StoreError) in
            try base.changeUser(id, audit: audit, change)
        }
    }

    package func addGroup(_ group: UserGroup, audit: AuditEvent) throws(StoreError) {
        try measure(.addGroup) { () throws(StoreError) in try base.addGroup(group, audit: audit) }
    }

    package func group(_ name: String) throws(StoreError) -> UserGroup? {
        try measure(.group) { () throws(StoreError) in try base.group(name) }
    }

    package func groups(after: String?, limit: Int) throws(StoreError) -> [UserGroup] {
        try measure(.groups) { () throws(StoreError) in try base.groups(after: after, limit: limit)
        }
    }

    package func removeGroup(_ name: String, audit: AuditEvent) throws(StoreError) -> Bool {
        try measure(.removeGroup) { () throws(StoreError) in
            try base.removeGroup(name, audit: audit)
        }
    }

    package func users(inGroup name: String, after: UserID?, limit: Int) throws(StoreError)
        -> [User]
    {
        try measure(.usersInGroup) { () throws(StoreError) in
            try base.users(inGroup: name, after: after, limit: limit)
        }
    }

    package func setMember(_ user: UserID, of group: String, to isMember: Bool, audit: AuditEvent)
        throws(StoreError) -> MembershipResult
    {
        try measure(.setMember) { () throws(StoreError) in
            try base.setMember(user, of: group, to: isMember, audit: audit)
        }
    }
}
