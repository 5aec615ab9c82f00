package import DoorpostCore

// The outbox, login sessions and the audit trail.

extension MemoryStore {
    package func extendClaim(
        _ id: MailID, from claim: Timestamp, until: Timestamp
    ) throws(StoreError) -> Bool {
        transaction { state in
            var isExtended = false
            state.changeMail(id) { mail in
                guard mail.state == .queued, mail.claimedUntil == claim else { return }
                mail.claimedUntil = until
                isExtended = true
            }
            return isExtended
        }
    }

    package func mailSent(_ id: MailID, answer: String, at: Timestamp) throws(StoreError) {
        transaction { state in
            state.changeMail(id) { mail in
                mail.state = .sent
                mail.tries += 1
                mail.lastTryAt = at
                mail.lastAnswer = answer
            }
        }
    }

    package func claimMail(
        of challenge: ChallengeID, now: Timestamp, until: Timestamp
    ) throws(StoreError) -> OutboxItem? {
        transaction { state -> OutboxItem? in
            guard let index = state.challenges.firstIndex(where: { $0.id == challenge }),
                state.challenges[index].isLive(at: now), !state.isBounced(state.challenges[index]),
                var mail = state.challenges[index].mail, mail.state != .sent,
                mail.claimedUntil.map({ $0 <= now }) ?? true
            else { return nil }
            mail.state = .queued
            mail.claimedUntil = until
            state.challenges[index].mail = mail
            return mail
        }
    }

    package func mailFailed(
        _ id: MailID, answer: String, retryAt: Timestamp?, audit: AuditEvent
    ) throws(StoreError) {
        transaction { state in
            state.changeMail(id) { mail in
                guard mail.state == .queued else { return }
                mail.state = retryAt == nil ? .failed : .queued
                mail.tries += 1
                mail.lastTryAt = audit.at
                mail.claimedUntil = nil
                mail.lastAnswer = answer
                mail.retryAt = retryAt
            }
            state.append(audit)
        }
    }

    package func claimDueMails(
        now: Timestamp, until: Timestamp, limit: Int
    ) throws(StoreError) -> [OutboxItem] {
        transaction { state in
            let due = state.challenges.indices.filter { index in
                guard let mail = state.challenges[index].mail else { return false }
                return state.challenges[index].isLive(at: now) && mail.state == .queued
                    && mail.claimedUntil.map { $0 <= now } ?? true
                    && mail.retryAt.map { $0 <= now } ?? true
                    && !state.isBounced(state.challenges[index])
            }.map { index in (index, state.challenges[index].mail?.createdAt) }
                .sorted { ($0.1 ?? now, $0.0) < ($1.1 ?? now, $1.0) }.map(\.0)
            return due.prefix(max(limit, 0)).compactMap { index in
                state.challenges[index].mail?.claimedUntil = until
                return state.challenges[index].mail
            }
        }
    }

    package func mailStatistics() throws(StoreError) -> MailStatistics {
        transaction { state in
            let mails = state.challenges.compactMap(\.mail)
            let queued = mails.filter { $0.state == .queued }
            return MailStatistics(
                queued: queued.count, failed: mails.filter { $0.state == .failed }.count,
                oldestQueuedAt: queued.map(\.createdAt).min(),
                bouncedAddresses: state.users.values.filter { $0.bounce != nil }.count)
        }
    }

    package func markBounced(
        _ id: MailID, recipient: EmailAddress, audit: AuditEvent, reason: String
    ) throws(StoreError) -> User? {
        transaction { state -> User? in
            let started = state.audit.first {
                $0.event.kind == .codeRequested && $0.event.detail == id.auditDetail
            }
            guard let owner = started?.event.user, state.users[owner]?.email == recipient else {
                return nil
            }
            state.users[owner]?.bounce = Bounce(at: audit.at, reason: reason)
            var audit = audit
            audit.user = owner
            state.append(audit)
            return state.users[owner]
        }
    }

    package func rotateRefresh(
        _ rotation: RefreshRotation
    ) throws(StoreError) -> RefreshRotationResult {
        transaction { state in
            guard let index = state.sessions.firstIndex(where: { $0.id == rotation.session }),
                state.sessions[index].service == rotation.service,
                state.sessions[index].isLive(at: rotation.now),
                let newest = state.sessions[index].refreshGeneration,
                rotation.generation <= newest,
                let user = state.users[state.sessions[index].user], user.isEnabled
            else { return .ended }
            if rotation.generation == newest {
                state.sessions[index].refreshGeneration = newest + 1
                state.sessions[index].refreshedAt = rotation.now
                return .rotated(state.sessions[index], user)
            }
            let rotatedAt = state.sessions[index].refreshedAt ?? state.sessions[index].createdAt
            if rotation.generation == newest - 1, rotation.now < rotatedAt + rotation.grace,
                rotation.now + .seconds(60) >= rotatedAt
            {
                return .repeated(state.sessions[index], user)
            }
            state.sessions[index].revokedAt = rotation.now
            var audit = rotation.audit
            audit.user = user.id
            state.append(audit)
            return .reused
        }
    }

    package func outbox(includingSent: Bool, limit: Int) throws(StoreError) -> [OutboxItem] {
        transaction { state in
            let mails = state.challenges.reversed().compactMap(\.mail)
                .filter { includingSent || $0.state != .sent }
            // Stable: of the same millisecond, the one queued last comes first.
            return Array(mails.sorted { $0.createdAt > $1.createdAt }.prefix(max(limit, 0)))
        }
    }

    package func session(_ id: SessionID) throws(StoreError) -> LoginSession? {
        transaction { state in state.sessions.first { $0.id == id } }
    }

    package func sessions(
        of user: UserID?, now: Timestamp, limit: Int
    ) throws(StoreError) -> [LoginSession] {
        transaction { state in
            let live = state.sessions.reversed()
                .filter { $0.isLive(at: now) && (user == nil || $0.user == user) }
            return Array(live.sorted { $0.createdAt > $1.createdAt }.prefix(max(limit, 0)))
        }
    }

    package func hasSignedIn(_ user: UserID, from sourceKey: String) throws(StoreError) -> Bool {
        transaction { state in
            state.sessions.contains { $0.user == user && $0.sourceKey == sourceKey }
        }
    }

    package func revokeSession(_ id: SessionID, audit: AuditEvent) throws(StoreError) -> Bool {
        transaction { state in
            let found = state.sessions.firstIndex { $0.id == id && $0.isLive(at: audit.at) }
            guard let index = found else { return false }
            state.sessions[index].revokedAt = audit.at
            state.append(audit)
            return true
        }
    }

    package func revokeSessions(of user: UserID, audit: AuditEvent) throws(StoreError) -> Int {
        transaction { state in
            let revoked = state.revokeSessions(of: user, at: audit.at)
            state.append(audit)
            return revoked
        }
    }

    package func appendAudit(_ event: AuditEvent) throws(StoreError) {
        transaction { $0.append(event) }
    }

    package func auditTrail(_ query: AuditQuery) throws(StoreError) -> [AuditRecord] {
        transaction { state in
            let matching = state.audit.filter { record in
                record.sequence > query.after
                    && query.before.map { record.sequence < $0 } ?? true
                    && query.kinds?.contains(record.event.kind) ?? true
                    && (query.user == nil || record.event.user == query.user)
                    && query.since.map { record.event.at >= $0 } ?? true
            }
            let limit = max(query.limit, 0)
            return Array(query.after > 0 ? matching.prefix(limit) : matching.suffix(limit))
        }
    }
}

extension MemoryStore.State {
    /// Whether mail to the user of a challenge comes back.
    func isBounced(_ challenge: MemoryStore.Challenge) -> Bool {
        challenge.user.flatMap { users[$0]?.bounce } != nil
    }

    /// Unsent mails outlive their codes, as failed ones without text; returns how many do from now.
    mutating func keepUnsentMails(now: Timestamp, limit: Int) -> Int {
        let unsent = challenges.indices.filter { index in
            let challenge = challenges[index]
            return challenge.keptUntil == nil && challenge.expiresAt <= now
                && challenge.mail.map { $0.state != .sent } ?? false
        }.sorted { (challenges[$0].expiresAt, $0) < (challenges[$1].expiresAt, $1) }
            .prefix(max(limit, 0))
        for index in unsent {
            guard var mail = challenges[index].mail else { continue }
            if mail.state == .queued {
                mail.lastAnswer +=
                    (mail.lastAnswer.isEmpty ? "" : "; ")
                    + "its code expired before it could be sent"
            }
            mail.state = .failed
            mail.sealed = []
            mail.retryAt = nil
            challenges[index].mail = mail
            challenges[index].codeHash = []
            challenges[index].sealedRounds = nil
            challenges[index].keptUntil = now + .days(7)
        }
        return unsent.count
    }

    fileprivate mutating func changeMail(_ id: MailID, _ change: (inout OutboxItem) -> Void) {
        for index in challenges.indices {
            guard var mail = challenges[index].mail, mail.id == id else { continue }
            change(&mail)
            challenges[index].mail = mail
        }
    }
}
