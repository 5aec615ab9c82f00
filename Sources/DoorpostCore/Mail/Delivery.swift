/// Hands a mail over and writes down how it went. The same for every courier.
package struct Delivery: Sendable {
    private let store: any Store
    private let mailer: any Mailer
    private let clock: any Clock

    package init(store: any Store, mailer: any Mailer, clock: any Clock) {
        self.store = store
        self.mailer = mailer
        self.clock = clock
    }

    /// How a delivery went.
    package struct Outcome: Equatable, Sendable {
        /// What the carrier said when it took the mail.
        package var answer = ""
        /// Why the mail was not taken; nil if it was.
        package var failure: MailError?
        /// When that was known.
        package var at: Timestamp
        /// Why that could not be written down. The mail stays claimed, and may go out again,
        /// with the same code, when the claim ends.
        package var unrecorded: StoreError?
    }

    /// Hands over a mail that the caller has claimed, and writes down how it went.
    package func deliver(_ mail: PendingMail) -> Outcome {
        var outcome = handOver(mail)
        do {
            try record(outcome, of: mail)
        } catch {
            outcome.unrecorded = error
        }
        return outcome
    }

    /// The first half of ``deliver(_:)``.
    package func handOver(_ mail: PendingMail) -> Outcome {
        var answer = ""
        var failure: MailError?
        do {
            answer = try mailer.deliver(mail.message).answer
        } catch {
            failure = error
        }
        return Outcome(answer: answer, failure: failure, at: clock.now)
    }

    /// The other half of ``deliver(_:)``; may be tried again.
    package func record(_ outcome: Outcome, of mail: PendingMail) throws(StoreError) {
        guard let failure = outcome.failure else {
            return try store.mailSent(mail.id, answer: outcome.answer, at: outcome.at)
        }
        try store.mailFailed(
            mail.id, answer: "\(failure)",
            retryAt: failure.isTemporary
                ? outcome.at + RetrySchedule.gap(afterTries: mail.tries + 1) : nil,
            audit: AuditEvent(
                at: outcome.at, kind: .mailFailed, user: nil, door: "",
                detail: "\(mail.id): \(failure)"))
    }
}
