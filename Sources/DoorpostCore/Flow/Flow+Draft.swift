extension Flow {
    /// A challenge to start, and its mail.
    ///
    /// - Parameter withCode: whether the mailed code is what is asked for; else no answer fits
    ///   what the store keeps, and there is no mail.
    func draftChallenge(
        for account: SignInAccount, withCode: Bool, in context: SignInContext, at now: Timestamp
    ) throws(FlowError) -> (start: ChallengeStart, mail: PendingMail?) {
        let id = ChallengeID(randomID())
        let mailID = MailID(randomID())
        let code = Code.draw(policy.code, from: random)
        let expiresAt = now + policy.code.lifetime
        // A decoy goes through the same motions: the mail is composed and sealed, then dropped.
        let mail = CodeMail(
            mailID, to: account.address, user: account.user,
            code: code.display(policy.code.alphabet), context: context, at: now,
            lifetime: policy.code.lifetime)
        let message = mail.message
        let item: OutboxItem
        do {
            item = OutboxItem(
                id: mailID, challenge: id, user: account.user?.id ?? UserID(""),
                sealed: try keys.seal(mail, id: mailID), createdAt: now, expiresAt: expiresAt,
                claimedUntil: now + OutboxItem.claimLength)
        } catch {
            throw FlowError(.internal, "a mail could not be sealed")
        }
        let start = ChallengeStart(
            id: id, subject: account.subject, user: account.user?.id,
            signup: account.user == nil ? account.address : nil,
            sourceKey: context.sourceKey, purpose: context.purpose,
            resumeKey: context.resumeKey, resumePrefix: context.resumePrefix,
            codeHash: account.address == nil || !withCode
                ? random.bytes(32)
                : keys.hash(code.characters, challenge: id, purpose: context.purpose),
            attempts: policy.code.attempts, now: now, expiresAt: expiresAt,
            resendAfter: policy.code.resendAfter, maximumLive: policy.limits.liveChallenges,
            mailKey: account.mailKey, mailRates: policy.limits.mailsPerAddress,
            rules: policy.limits.rules(
                forStartFrom: context.source, of: account.user?.id, subject: account.subject,
                host: context.hostID),
            mail: account.address == nil || !withCode ? nil : item,
            audit: context.audit(
                .codeRequested, user: account.known, at: now,
                detail: account.whyNotMailed
                    ?? (withCode ? mailID.auditDetail : "asked by a trigger")))
        return (start, start.mail == nil ? nil : PendingMail(item, message: message))
    }
}
