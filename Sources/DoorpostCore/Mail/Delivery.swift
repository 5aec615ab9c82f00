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
        /// Why the mail was not taken; nil if it was.
        package var failure: MailError?
        /// Why that could not be written down. The mail stays claimed, and may go out again,
        /// with the same code, when the claim ends.
        package var unrecorded: StoreError?
    }

    /// Hands over a mail that the caller has claimed.
    package func deliver(_ mail: PendingMail) -> Outcome {
        var outcome = Outcome()
        var answer = ""
        do {
            answer = try mailer.deliver(mail.message).answer
        } catch {
            outcome.failure = error
        }
        do {
            if let failure = outcome.failure {
                let now = clock.now
                try store.mailFailed(
                    mail.id, answer: "\(failure)",
                    retryAt: failure.isTemporary
                        ? now + RetrySchedule.gap(afterTries: mail.tries + 1) : nil,
                    audit: AuditEvent(
                        at: now, kind: .mailFailed, user: nil, door: "",
                        detail: "\(mail.id): \(failure)"))
            } else {
                try store.mailSent(mail.id, answer: answer, at: clock.now)
            }
        } catch {
            outcome.unrecorded = error
        }
        return outcome
    }
}
