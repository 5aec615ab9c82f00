package import DoorpostCore
import Synchronization

/// A store that forgets: the same answers as the durable ones, in the fewest lines that give
/// them, so that a difference between the two is a question about the specification.
package final class MemoryStore: Store {
    private let state = Mutex(State())

    package init() {}

    /// Runs one call. A call that throws must not have changed anything.
    func transaction<T, Failure: Error>(
        _ body: (inout State) throws(Failure) -> sending T
    ) throws(Failure) -> T {
        try state.withLock { (state: inout State) throws(Failure) in try body(&state) }
    }

    /// All that a store knows.
    struct State {
        var users: [UserID: User] = [:]
        var groups: [String: UserGroup] = [:]
        var clients: [ClientID: AppClient] = [:]
        var apiKeys: [APIKeyID: APIKey] = [:]
        var hosts: [EnrolledHost] = []
        /// With the time when each is of no use any more.
        var usedSignatures: [String: Timestamp] = [:]
        /// In the order in which they started.
        var challenges: [Challenge] = []
        /// In the order in which they were counted, which is also that of their times.
        var events: [LimitKey: [Event]] = [:]
        /// In the order in which they began.
        var sessions: [LoginSession] = []
        var audit: [AuditRecord] = []
        var lastSequence: Int64 = 0
    }

    /// A challenge, with its mail.
    struct Challenge {
        var id: ChallengeID
        var subject: String
        var user: UserID?
        var signup: EmailAddress?
        var purpose: String
        var resumeKey: String
        var codeHash: [UInt8]
        var sealedRounds: [UInt8]?
        var attemptsLeft: Int
        var createdAt: Timestamp
        var mailedAt: Timestamp
        var expiresAt: Timestamp
        var isConsumed = false
        var mailKey: LimitKey
        var mail: OutboxItem?
        /// An unsent mail outlives its code.
        var keptUntil: Timestamp?

        /// Past its time, or from before the clock was set back.
        func isExpired(at now: Timestamp) -> Bool {
            now >= expiresAt || createdAt > now + .seconds(60)
        }

        /// Neither consumed nor expired, with attempts left.
        func isLive(at now: Timestamp) -> Bool {
            !isConsumed && attemptsLeft > 0 && !isExpired(at: now)
        }

        /// What a door may know of it.
        var live: LiveChallenge {
            LiveChallenge(
                id: id, mailedAt: mailedAt, expiresAt: expiresAt, attemptsLeft: attemptsLeft,
                sealedRounds: sealedRounds)
        }

        /// Erases the secrets, and the mail if it has not gone.
        mutating func erase() {
            codeHash = []
            sealedRounds = nil
            mail?.sealed = []
            if mail?.state == .queued { mail = nil }
        }
    }

    /// One event that a limit has counted.
    struct Event {
        var at: Timestamp
        var attempt: String?
    }
}

extension MemoryStore {
    package func checkWritable() throws(StoreError) {}

    @discardableResult
    package func purge(now: Timestamp, limit: Int) throws(StoreError) -> Int {
        transaction { state in
            var gone = state.keepUnsentMails(now: now, limit: limit)
            let ended = state.challenges
                .filter { challenge in
                    (challenge.keptUntil ?? challenge.expiresAt) <= now
                        && (challenge.keptUntil != nil
                            || challenge.mail.map { $0.state == .sent } ?? true)
                }
                .sorted { ($0.keptUntil ?? $0.expiresAt) < ($1.keptUntil ?? $1.expiresAt) }
                .prefix(limit)
            gone += ended.count + ended.filter { $0.mail != nil }.count
            let ids = Set(ended.map(\.id))
            state.challenges.removeAll { ids.contains($0.id) }

            let old = state.events.flatMap { key, events in
                events.filter { $0.at < now - .days(1) }.map { (key, $0.at) }
            }.sorted { $0.1 < $1.1 }.prefix(limit)
            for (key, _) in old { state.events[key]?.removeFirst() }
            gone += old.count

            let worthless = state.usedSignatures.filter { $0.value <= now }.map(\.key)
                .prefix(limit)
            for signature in worthless { state.usedSignatures[signature] = nil }
            gone += worthless.count

            let before = now - .days(90)
            let sessions = state.sessions.filter { ($0.revokedAt ?? $0.expiresAt) < before }
                .prefix(limit)
            state.sessions.removeAll { session in sessions.contains { $0.id == session.id } }
            let records = Set(
                state.audit.filter { $0.event.at < before }.prefix(limit).map(\.sequence))
            state.audit.removeAll { records.contains($0.sequence) }
            return gone + sessions.count + records.count
        }
    }
}
