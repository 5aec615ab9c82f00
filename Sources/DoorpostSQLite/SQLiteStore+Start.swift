package import DoorpostCore
import Foundation
import GRDB

extension SQLiteStore {
    package func startChallenge(
        _ start: ChallengeStart
    ) throws(StoreError) -> ChallengeStartResult {
        try write { db in
            let first = start.rules.filter { LimitName.beforeResume.contains($0.name) }
            if let hit = try db.hit(first, of: start.sourceKey, now: start.now) {
                return try db.refuse(start, hit)
            }
            let recent = try db.recentChallenges(of: start)
            if let challenge = recent.live.first(where: { $0.resumeKey == start.resumeKey }) {
                return try db.resume(challenge.challenge, start)
            }
            let gap = start.gapHit(recent.unconsumed)
            if gap != nil,
                let challenge = recent.live.first(where: { start.isAnotherTry(of: $0.resumeKey) })
            {
                return try db.resume(challenge.challenge, start)
            }
            let later = start.rules.filter { !LimitName.beforeResume.contains($0.name) }
            let mails = LimitRule.mails(
                under: start.mailKey, subject: start.subject, rates: start.mailRates)
            let hits = [
                start.liveHit(recent.live.map(\.challenge)),
                gap,
                try db.hit([mails] + later, of: start.sourceKey, now: start.now),
            ]
            if let hit = hits.reduce(nil, LimitHit.later) { return try db.refuse(start, hit) }
            return try db.begin(start, counting: [mails] + start.rules)
        }
    }
}

extension LimitName {
    /// The rules that guard a resumed challenge, too.
    fileprivate static let beforeResume: [Self] = [
        .startsPerSource, .failuresPerAccount, .failuresPerSource, .failuresTotal,
    ]
}

/// The challenges of a subject that a new start has to heed, newest first.
private struct RecentChallenges {
    var live: [(challenge: StoredChallenge, resumeKey: String)] = []
    var unconsumed: [StoredChallenge] = []
}

extension ChallengeStart {
    /// With too many alive, the next one may start when enough of them have expired.
    fileprivate func liveHit(_ live: [StoredChallenge]) -> LimitHit? {
        guard live.count >= maximumLive else { return nil }
        let ends = live.map(\.expiresAt).sorted()
        let last = min(live.count - maximumLive, ends.count - 1)
        return LimitHit(.liveChallenges, freeAt: last < 0 ? expiresAt : ends[last])
    }

    /// The gap runs from the last mail whose code nobody has used.
    fileprivate func gapHit(_ unconsumed: [StoredChallenge]) -> LimitHit? {
        let mailed = unconsumed.map(\.mailedAt).filter { $0 <= now + .clockTolerance }.max()
        guard let mailed, mailed + resendAfter > now else { return nil }
        return LimitHit(.resendAfter, freeAt: mailed + resendAfter)
    }
}

extension Database {
    /// A mail goes only to a live challenge, so one that was mailed within the gap expires
    /// after the gap's start: that bounds the index seek for both, live and mailed lately.
    fileprivate func recentChallenges(of start: ChallengeStart) throws -> RecentChallenges {
        let since = min(start.now, start.now - start.resendAfter)
        var recent = RecentChallenges()
        let found = try rows(
            """
            SELECT number, id, subject, user_id, purpose, code_hash, attempts_left, created_at,
                mailed_at, expires_at, consumed_at, mail_key, signup_email, sealed_rounds,
                resume_key
            FROM challenges WHERE subject = ? AND expires_at > ? AND consumed_at IS NULL
            ORDER BY number DESC
            """, [start.subject, since.milliseconds])
        for row in found {
            let challenge = StoredChallenge(row)
            recent.unconsumed.append(challenge)
            if challenge.attemptsLeft > 0, !challenge.isExpired(at: start.now) {
                recent.live.append((challenge, row[14]))
            }
        }
        return recent
    }

    fileprivate func refuse(
        _ start: ChallengeStart, _ hit: LimitHit
    ) throws -> ChallengeStartResult {
        try append(start.audit, refusedBy: hit)
        return .limited(hit)
    }

    fileprivate func resume(
        _ challenge: StoredChallenge, _ start: ChallengeStart
    ) throws -> ChallengeStartResult {
        try count(start.rules.filter { $0.name == .startsPerSource }, at: start.now)
        var event = start.audit
        event.kind = .codeResumed
        try append(event)
        let state =
            try row(
                "SELECT state FROM outbox WHERE challenge = ?", [challenge.number])?[0] as String?
        return .resumed(challenge.live, mailState: state.flatMap(OutboxItem.State.init))
    }

    /// Writes the challenge with all that belongs to it. A user who was disabled or deleted
    /// since the caller looked gets a decoy, which looks the same and mails nothing.
    fileprivate func begin(
        _ start: ChallengeStart, counting rules: [LimitRule]
    ) throws -> ChallengeStartResult {
        let isForUser =
            try start.user.flatMap {
                try row("SELECT 1 FROM users WHERE id = ? AND enabled", [$0.text])
            } != nil
        try run(
            """
            INSERT INTO challenges (id, subject, user_id, purpose, resume_key, code_hash,
                attempts_left, created_at, mailed_at, expires_at, mail_key, signup_email)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                start.id.text, start.subject, isForUser ? start.user?.text : nil, start.purpose,
                start.resumeKey,
                Data(start.codeHash), start.attempts, start.now.milliseconds,
                start.now.milliseconds, start.expiresAt.milliseconds, start.mailKey.text,
                start.user == nil ? start.signup?.canonical : nil,
            ])
        let number = lastInsertedRowID
        let isSignup = start.user == nil && start.signup != nil
        let mail = isForUser || isSignup ? start.mail : nil
        if let mail { try insert(mail, challenge: number) }
        try count(rules.filter { $0.name != .mailsTotal || mail != nil }, at: start.now)
        try append(start.audit)
        return .started(
            LiveChallenge(
                id: start.id, mailedAt: start.now, expiresAt: start.expiresAt,
                attemptsLeft: start.attempts))
    }
}
