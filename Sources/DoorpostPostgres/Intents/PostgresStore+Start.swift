package import DoorpostCore

extension PostgresStore {
    package func startChallenge(
        _ start: ChallengeStart
    ) throws(StoreError) -> ChallengeStartResult {
        try write { db in
            if let hit = db.reached { return try db.refuse(start, hit) }
            let mails = LimitRule.mails(
                under: start.mailKey, subject: start.subject, rates: start.mailRates)
            try db.lock([mails] + start.rules, and: [.subject(start.subject)])
            let first = start.rules.filter { LimitName.beforeResume.contains($0.name) }
            if let hit = try db.hit(first, of: start.sourceKey, now: start.now) {
                return try db.refuse(start, hit)
            }
            let recent = try db.recentChallenges(of: start)
            let live = recent.filter { $0.attemptsLeft > 0 && !$0.isExpired(at: start.now) }
            if let challenge = live.first(where: { $0.resumeKey == start.resumeKey }) {
                return try db.resume(challenge, start)
            }
            let gap = start.gapHit(recent)
            if gap != nil,
                let challenge = live.first(where: { start.isAnotherTry(of: $0.resumeKey) })
            {
                return try db.resume(challenge, start)
            }
            let later = try db.settled(
                [mails] + start.rules.filter { !LimitName.beforeResume.contains($0.name) },
                of: start.sourceKey)
            let hits = [start.liveHit(live), gap, try db.hit(later, now: start.now)]
            if let hit = hits.reduce(nil, LimitHit.later) { return try db.refuse(start, hit) }
            return try db.begin(start, counting: later + first)
        }
    }
}

extension LimitName {
    /// The rules that guard a resumed challenge, too.
    fileprivate static let beforeResume: [Self] = [
        .startsPerSource, .failuresPerAccount, .failuresPerSource, .failuresTotal,
    ]
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

extension Transaction {
    /// The unconsumed challenges of the subject that a new start has to heed, newest first.
    ///
    /// A mail goes only to a live challenge, so one that was mailed within the gap expires
    /// after the gap's start: that bounds the index seek for both, live and mailed lately.
    fileprivate func recentChallenges(of start: ChallengeStart) throws -> [StoredChallenge] {
        try rows(
            """
            \(StoredChallenge.select)
            WHERE subject = $1 AND expires_at > $2 AND consumed_at IS NULL
            ORDER BY number DESC
            """, [start.subject, min(start.now, start.now - start.resendAfter)]
        ).map(StoredChallenge.init)
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
        let state = try row("SELECT state FROM outbox WHERE challenge = $1", [challenge.number])
        return .resumed(
            challenge.live,
            mailState: try state.flatMap { OutboxItem.State(rawValue: try $0.text(0)) })
    }

    /// Writes the challenge with all that belongs to it. A user who was disabled or deleted
    /// since the caller looked gets a decoy, which looks the same and mails nothing.
    fileprivate func begin(
        _ start: ChallengeStart, counting rules: [LimitRule]
    ) throws -> ChallengeStartResult {
        // Held, so that whoever ends the user comes before this challenge or finds it.
        let isForUser =
            try row(
                "SELECT 1 FROM users WHERE id = $1 AND enabled FOR SHARE", [start.user?.text])
            != nil
        let inserted = try row(
            """
            INSERT INTO challenges (id, subject, user_id, purpose, resume_key, code_hash,
                attempts_left, created_at, mailed_at, expires_at, mail_key, signup_email)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11)
            RETURNING number
            """,
            [
                start.id.text, start.subject, isForUser ? start.user?.text : nil, start.purpose,
                start.resumeKey, Bytes(start.codeHash), start.attempts, start.now,
                start.expiresAt, start.mailKey.text,
                start.user == nil ? start.signup?.canonical : nil,
            ])
        let isSignup = start.user == nil && start.signup != nil
        let mail = isForUser || isSignup ? start.mail : nil
        if let mail, let number = try inserted?.number(0) {
            try insert(mail, challenge: number)
        } else {
            try waitAsFor(statements: 1)
        }
        try count(rules, at: start.now)
        try append(start.audit)
        try countShared(rules, isMailed: mail != nil, at: start.now)
        return .started(
            LiveChallenge(
                id: start.id, mailedAt: start.now, expiresAt: start.expiresAt,
                attemptsLeft: start.attempts))
    }
}
