import DoorpostCore

// What is asked when a mail with a code goes out.
extension ProgramTriggers {
    /// What is to stand in the mail.
    func customMessage(_ mail: MailedCode) async throws(TriggerError) -> CustomMessage {
        try await ask(.customMessage, events.customMessage(mail)) {
            response throws(TriggerResponse.Wrong) in try CustomMessage(response)
        }
    }

    /// Has a program send a code in our place. What it answers is of no interest, as at AWS, as
    /// long as it does not throw.
    func sendEmail(_ mail: MailedCode) async throws(TriggerError) {
        _ = try await answer(of: .customEmailSender, to: events.customEmailSender(mail))
    }

    /// Looks whether the program that sends mails could be started.
    func checkEmailSender() throws(TriggerError) {
        guard let reason = fault(at: .customEmailSender) else { return }
        throw TriggerError(.customEmailSender, .failed, reason)
    }
}
