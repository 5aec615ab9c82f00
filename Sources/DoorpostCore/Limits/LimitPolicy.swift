/// How often things may happen (`limits:` in the configuration).
package struct LimitPolicy: Hashable, Sendable {
    package var mailsPerAddress: [Rate]
    package var failuresPerAccount: [Rate]
    package var startsPerSource: [Rate]
    package var failuresPerSource: [Rate]
    package var failuresTotal: [Rate]
    package var mailsTotal: [Rate]
    /// Challenges of one account that may live at once: each is one more thing to guess at.
    package var liveChallenges: Int

    /// The defaults of CONTRACT.md §4.
    package static let standard = Self(
        mailsPerAddress: [Rate(5, per: .hours(1)), Rate(20, per: .days(1))],
        failuresPerAccount: [Rate(10, per: .days(1))],
        startsPerSource: [Rate(20, per: .hours(1))],
        failuresPerSource: [Rate(30, per: .hours(1))],
        failuresTotal: [Rate(1000, per: .days(1))],
        mailsTotal: [Rate(1000, per: .hours(1))],
        liveChallenges: 3)

    package init(
        mailsPerAddress: [Rate], failuresPerAccount: [Rate], startsPerSource: [Rate],
        failuresPerSource: [Rate], failuresTotal: [Rate], mailsTotal: [Rate], liveChallenges: Int
    ) {
        self.mailsPerAddress = mailsPerAddress
        self.failuresPerAccount = failuresPerAccount
        self.startsPerSource = startsPerSource
        self.failuresPerSource = failuresPerSource
        self.failuresTotal = failuresTotal
        self.mailsTotal = mailsTotal
        self.liveChallenges = liveChallenges
    }

    /// What must have room before a challenge starts, besides the rates of the address.
    ///
    /// - Parameters:
    ///   - user: who is meant, if anybody in the pool is.
    ///   - subject: as in ``ChallengeStart/subject``.
    ///   - host: the machine that asks in the place of this one.
    func rules(
        forStartFrom source: Source, of user: UserID?, subject: String, host: HostID? = nil
    ) -> [LimitRule] {
        var rules = [
            LimitRule.failures(
                of: user, subject: subject, rates: failuresPerAccount, counts: false),
            LimitRule(
                .failuresTotal, key: Self.failuresTotalKey, rates: failuresTotal, counts: false),
            mailsTotalRule,
        ]
        if let key = source.limitKey {
            rules.append(
                LimitRule(
                    .failuresPerSource, key: Self.failuresKey(source: key),
                    rates: failuresPerSource, counts: false))
            rules.append(
                LimitRule(
                    .startsPerSource, key: LimitKey("starts:source:\(key)"),
                    rates: startsPerSource))
        }
        if let host {
            rules.append(share(of: host, inFailures: false))
            rules.append(
                LimitRule(
                    .mailsTotal, key: LimitKey("mails:host:\(host)"),
                    rates: mailsTotal.map(\.quarter)))
        }
        return rules
    }

    /// What an attempt is counted under, besides the account.
    func rules(forAttemptFrom source: Source, host: HostID? = nil) -> [LimitRule] {
        var rules = [LimitRule(.failuresTotal, key: Self.failuresTotalKey, rates: failuresTotal)]
        if let key = source.limitKey {
            rules.append(
                LimitRule(
                    .failuresPerSource, key: Self.failuresKey(source: key),
                    rates: failuresPerSource))
        }
        if let host { rules.append(share(of: host, inFailures: true)) }
        return rules
    }

    /// A host can name whatever sources it likes. In bad hands it can use up a quarter of what all
    /// have, and not shut everybody else out.
    private func share(of host: HostID, inFailures counts: Bool) -> LimitRule {
        LimitRule(
            .failuresTotal, key: LimitKey("failures:host:\(host)"),
            rates: failuresTotal.map(\.quarter), counts: counts)
    }

    /// What a resend is counted under, besides the address.
    var rulesForResend: [LimitRule] {
        [mailsTotalRule]
    }

    /// Strangers can use up half of the relay's quota; the other half stays for sources that
    /// signed in before.
    private var mailsTotalRule: LimitRule {
        LimitRule(
            .mailsTotal, key: Self.mailsTotalKey, rates: mailsTotal,
            strangerRates: mailsTotal.map(\.half))
    }

    private static let failuresTotalKey = LimitKey("failures:total")
    private static let mailsTotalKey = LimitKey("mails:total")
    private static func failuresKey(source: String) -> LimitKey {
        LimitKey("failures:source:\(source)")
    }
}
