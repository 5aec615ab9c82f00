package import DoorpostCore

/// A mailer that asks the administrator's programs: one that sends a code in the relay's place, or
/// one that chooses the words around it. Mails without a code go their way.
///
/// Blocks the calling thread as other mailers do; programs are waited for on threads of their own,
/// so any thread may call, in a process that has only this one, too.
package struct TriggeredMailer: Mailer {
    private let mailer: any Mailer
    private let triggers: ProgramTriggers

    /// - Parameter mailer: takes what is to go to the relay.
    package init(_ mailer: any Mailer, _ triggers: ProgramTriggers) {
        self.mailer = mailer
        self.triggers = triggers
    }

    package func deliver(_ message: MailMessage) throws(MailError) -> MailReceipt {
        guard let code = message.code else { return try mailer.deliver(message) }
        do throws(TriggerError) {
            if sendsItself {
                let triggers = triggers
                try wait { () async throws(TriggerError) in try await triggers.sendEmail(code) }
                return MailReceipt(answer: "handed to \(TriggerPoint.customEmailSender.rawValue)")
            }
        } catch {
            throw MailError(error, without: code.text)
        }
        return try mailer.deliver(try inOwnWords(message, code))
    }

    /// Where a program sends, the relay is of no interest.
    package func probe() throws(MailError) {
        guard sendsItself else { return try mailer.probe() }
        do {
            try triggers.checkEmailSender()
        } catch {
            throw MailError(.misconfigured, "\(error)")
        }
    }

    package func prepare() { mailer.prepare() }

    private var sendsItself: Bool { triggers.points.contains(.customEmailSender) }

    private func inOwnWords(_ message: MailMessage, _ code: MailedCode) throws(MailError)
        -> MailMessage
    {
        guard triggers.points.contains(.customMessage) else { return message }
        let triggers = triggers
        do throws(TriggerError) {
            let words = try wait { () async throws(TriggerError) in
                try await triggers.customMessage(code)
            }
            return words.words(for: message, code: code.text)
        } catch {
            throw MailError(error, without: code.text)
        }
    }

    private func wait<Value>(_ work: @escaping () async throws(TriggerError) -> Value)
        throws(TriggerError) -> Value
    {
        let result: Result<Value, TriggerError> = SingleThread().run {
            do throws(TriggerError) { return .success(try await work()) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension MailError {
    /// A program that refused will refuse again; any other fault may be mended in time.
    ///
    /// - Parameter code: is not shown, should the program have said it.
    fileprivate init(_ error: TriggerError, without code: String) {
        var error = error
        error.message = error.message.split(separator: code, omittingEmptySubsequences: false)
            .joined(separator: "(code)")
        self.init(error.fault == .refused ? .rejected : .temporary, "\(error)")
    }
}
