extension Flow {
    /// Somebody asks for the mail again: the same code, the same tries. Where a trigger asks, it
    /// asks anew.
    ///
    /// - Throws: ``FlowError``: the store or the trigger did not answer.
    package func resend(challenge: ChallengeID, in context: SignInContext) async throws(FlowError)
        -> ResendOutcome
    {
        let now = clock.now
        let result: ChallengeResendResult
        do {
            result = try store.resendChallenge(
                ChallengeResend(
                    challenge: challenge, purpose: context.purpose, now: now,
                    sourceKey: context.sourceKey, claimUntil: now + OutboxItem.claimLength,
                    resendAfter: policy.code.resendAfter,
                    mailRates: policy.limits.mailsPerAddress, rules: policy.limits.rulesForResend,
                    audit: context.audit(.codeResent, user: nil, at: now)))
        } catch {
            throw FlowError(error)
        }
        switch result {
        case .queued(let live, let item):
            if triggers != nil { try await repeatRound(of: live, in: context) }
            return .resent(
                live,
                mail: try item.map { item throws(FlowError) in
                    var mail = try openMail(item)
                    mail.message.code?.occasion = .resend
                    return mail
                })
        case .unknown: return .unknownChallenge
        case .consumed: return .used
        case .expired: return .expired
        case .triesUsedUp: return .triesUsedUp
        case .limited(let hit): return .limited(retryAfter: hit.freeAt - now, limit: hit.name)
        }
    }
}

/// What came of ``Flow/resend(challenge:in:)``.
package enum ResendOutcome: Sendable {
    case resent(LiveChallenge, mail: PendingMail?)
    case triesUsedUp
    case expired
    case used
    case unknownChallenge
    case limited(retryAfter: Span, limit: LimitName)
}
