package import DoorpostCore

// The outbox, login sessions and the audit trail.

extension MemoryStore {
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
                state.challenges[index].isLive(at: now),
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
        _ id: MailID, answer: String, isFinal: Bool, audit: AuditEvent
    ) throws(StoreError) {
        transaction { state in
            state.changeMail(id) { mail in
                guard mail.state == .queued else { return }
                mail.state = isFinal ? .failed : .queued
                mail.tries += 1
                mail.lastTryAt = audit.at
                mail.claimedUntil = nil
                mail.lastAnswer = answer
            }
            state.append(audit)
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
                    && (query.user == nil || record.event.user == query.user)
                    && query.since.map { record.event.at >= $0 } ?? true
            }
            let limit = max(query.limit, 0)
            return Array(query.after > 0 ? matching.prefix(limit) : matching.suffix(limit))
        }
    }
}

extension MemoryStore.State {
    fileprivate mutating func changeMail(_ id: MailID, _ change: (inout OutboxItem) -> Void) {
        for index in challenges.indices {
            guard var mail = challenges[index].mail, mail.id == id else { continue }
            change(&mail)
            challenges[index].mail = mail
        }
    }
}
