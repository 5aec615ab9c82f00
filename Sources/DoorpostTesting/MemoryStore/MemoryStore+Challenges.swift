package import DoorpostCore

extension MemoryStore {
    package func startChallenge(
        _ start: ChallengeStart
    ) throws(StoreError) -> ChallengeStartResult {
        transaction { $0.start(start) }
    }

    package func countAttempt(
        _ attempt: ChallengeAttempt
    ) throws(StoreError) -> ChallengeAttemptResult {
        transaction { state in
            guard
                let index = state.challenges.firstIndex(where: {
                    $0.id == attempt.challenge && $0.purpose == attempt.purpose
                        && attempt.attemptsLeft.map { [left = $0.attemptsLeft] in $0 == left }
                            ?? true
                })
            else { return .unknown }
            let challenge = state.challenges[index]
            if challenge.isConsumed { return .consumed }
            if challenge.isExpired(at: attempt.now) { return .expired }
            if challenge.attemptsLeft == 0 { return .triesUsedUp }
            let account = LimitRule.failures(
                of: challenge.user, subject: challenge.subject, rates: attempt.accountRates)
            let rules = [account] + attempt.rules
            if let hit = state.hit(rules, now: attempt.now) { return .limited(hit) }
            state.challenges[index].attemptsLeft -= 1
            state.count(rules, at: attempt.now, attempt: attempt.attempt)
            return .counted(
                CountedAttempt(
                    challenge: challenge.id, attempt: attempt.attempt, user: challenge.user,
                    signup: challenge.signup, codeHash: challenge.codeHash,
                    attemptsLeft: challenge.attemptsLeft - 1,
                    sealedRounds: challenge.sealedRounds))
        }
    }

    package func consumeChallenge(
        _ consumption: ChallengeConsumption
    ) throws(StoreError) -> ChallengeConsumptionResult {
        transaction { state in
            let found = state.challenges.firstIndex { $0.id == consumption.challenge }
            guard let index = found else { return .userGone }
            let challenge = state.challenges[index]
            if challenge.isConsumed { return .alreadyConsumed }
            if challenge.signup == nil {
                guard let id = challenge.user, state.users[id]?.isEnabled == true else {
                    return .userGone
                }
            }
            if challenge.isExpired(at: consumption.now) { return .expired }
            if let address = challenge.signup,
                !state.signUp(address, with: consumption)
            {
                return .userGone
            }
            state.users[consumption.session.user]?.bounce = nil
            state.challenges[index].isConsumed = true
            state.challenges[index].erase()
            state.takeBack(consumption.attempt)
            state.sessions.append(consumption.session)
            state.append(consumption.audit)
            return .consumed
        }
    }

    package func resendChallenge(
        _ resend: ChallengeResend
    ) throws(StoreError) -> ChallengeResendResult {
        transaction { state in
            guard
                let index = state.challenges.firstIndex(where: {
                    $0.id == resend.challenge && $0.purpose == resend.purpose
                })
            else { return .unknown }
            let challenge = state.challenges[index]
            if challenge.isConsumed { return .consumed }
            if challenge.isExpired(at: resend.now) { return .expired }
            if challenge.attemptsLeft == 0 { return .triesUsedUp }
            let gapEnd = challenge.mailedAt + resend.resendAfter
            let mails = LimitRule.mails(
                under: challenge.mailKey, subject: challenge.subject, rates: resend.mailRates)
            let rules = [mails] + resend.rules
            let hit = State.latest([
                gapEnd > resend.now ? LimitHit(.resendAfter, freeAt: gapEnd) : nil,
                state.hit(rules, of: resend.sourceKey, now: resend.now),
            ])
            if let hit {
                state.append(resend.audit, refusedBy: hit)
                return .limited(hit)
            }
            state.challenges[index].mailedAt = resend.now
            var mail = state.challenges[index].mail
            let isInHand = mail.map { mail in
                mail.state == .queued && mail.claimedUntil.map { $0 > resend.now } ?? false
            }
            let isHeldBack = isInHand == true || state.isBounced(challenge)
            if !isHeldBack {
                mail?.state = .queued
                mail?.claimedUntil = resend.claimUntil
                mail?.retryAt = nil
                state.challenges[index].mail = mail
            }
            state.count(rules.filter { $0.name != .mailsTotal || mail != nil }, at: resend.now)
            state.append(resend.audit)
            return .queued(state.challenges[index].live, isHeldBack ? nil : mail)
        }
    }

    package func newestChallenge(subject: String, purpose: String, now: Timestamp)
        throws(StoreError) -> ChallengeID?
    {
        transaction { state in
            state.challenges.last {
                $0.subject == subject && $0.purpose == purpose && $0.isLive(at: now)
            }?.id
        }
    }
}

extension MemoryStore.State {
    fileprivate mutating func start(_ start: ChallengeStart) -> ChallengeStartResult {
        let guards: Set<LimitName> = [
            .startsPerSource, .failuresPerAccount, .failuresPerSource, .failuresTotal,
        ]
        if let hit = hit(
            start.rules.filter { guards.contains($0.name) }, of: start.sourceKey, now: start.now)
        {
            return refuse(start, hit)
        }
        let unconsumed = challenges.filter { $0.subject == start.subject && !$0.isConsumed }
        let live = unconsumed.filter { $0.isLive(at: start.now) }
        if let same = live.last(where: { $0.resumeKey == start.resumeKey }) {
            return resume(same, start)
        }
        let gap = gapHit(unconsumed, start)
        if gap != nil, let other = live.last(where: { start.isAnotherTry(of: $0.resumeKey) }) {
            return resume(other, start)
        }
        let mails = LimitRule.mails(
            under: start.mailKey, subject: start.subject, rates: start.mailRates)
        let others = start.rules.filter { !guards.contains($0.name) }
        let hit = Self.latest([
            liveHit(live, start), gap,
            hit([mails] + others, of: start.sourceKey, now: start.now),
        ])
        if let hit { return refuse(start, hit) }

        let user = start.user.flatMap { users[$0]?.isEnabled == true ? $0 : nil }
        let signup = start.user == nil ? start.signup : nil
        let mail = user == nil && signup == nil ? nil : start.mail
        let challenge = MemoryStore.Challenge(
            id: start.id, subject: start.subject, user: user, signup: signup,
            purpose: start.purpose, resumeKey: start.resumeKey, codeHash: start.codeHash,
            attemptsLeft: start.attempts,
            createdAt: start.now, mailedAt: start.now, expiresAt: start.expiresAt,
            mailKey: start.mailKey, mail: mail)
        challenges.append(challenge)
        let counted = ([mails] + start.rules).filter { $0.name != .mailsTotal || mail != nil }
        count(counted, at: start.now)
        append(start.audit)
        return .started(challenge.live)
    }

    private mutating func resume(
        _ challenge: MemoryStore.Challenge, _ start: ChallengeStart
    ) -> ChallengeStartResult {
        count(start.rules.filter { $0.name == .startsPerSource }, at: start.now)
        var event = start.audit
        event.kind = .codeResumed
        append(event)
        return .resumed(challenge.live, mailState: challenge.mail?.state)
    }

    private mutating func refuse(_ start: ChallengeStart, _ hit: LimitHit) -> ChallengeStartResult {
        append(start.audit, refusedBy: hit)
        return .limited(hit)
    }

    private func liveHit(
        _ live: [MemoryStore.Challenge], _ start: ChallengeStart
    ) -> LimitHit? {
        guard live.count >= start.maximumLive else { return nil }
        let ends = live.map(\.expiresAt).sorted()
        let last = min(live.count - start.maximumLive, ends.count - 1)
        return LimitHit(.liveChallenges, freeAt: last < 0 ? start.expiresAt : ends[last])
    }

    private func gapHit(
        _ unconsumed: [MemoryStore.Challenge], _ start: ChallengeStart
    ) -> LimitHit? {
        let mailed = unconsumed.map(\.mailedAt).filter { $0 <= start.now + .seconds(60) }.max()
        guard let mailed, mailed + start.resendAfter > start.now else { return nil }
        return LimitHit(.resendAfter, freeAt: mailed + start.resendAfter)
    }
}

extension MemoryStore.State {
    /// Makes sure that the session's user is there, with the address of the sign-up.
    fileprivate mutating func signUp(
        _ address: EmailAddress, with consumption: ChallengeConsumption
    ) -> Bool {
        if let new = consumption.newUser, new.email == address,
            new.id == consumption.session.user,
            !users.values.contains(where: { $0.email == address }), users[new.id] == nil
        {
            users[new.id] = User(id: new.id, email: address, createdAt: consumption.now)
            append(consumption.userAdded)
        }
        let user = users[consumption.session.user]
        return user?.email == address && user?.isEnabled == true
    }
}
