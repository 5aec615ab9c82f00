import ArgumentParser
import DoorpostCore
import DoorpostSetup
import Glibc

struct MailBounceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bounce", abstract: "Take a mail that came back, on standard input.",
        discussion: """
            For a mail server, which hands over what comes to mail.bounces of the configuration. \
            No code is mailed any more to an address that failed, until it changes or 'user set \
            --clear-bounce' says that it is right.

            Reads delivery status notifications (RFC 3464). Which mail it was is told by the \
            address it came back to (X-Original-To, Delivered-To, To, $ORIGINAL_RECIPIENT, \
            $RECIPIENT, $EXTENSION), else by the Message-ID of the mail it returns. Action: failed \
            decides, whatever the status; delays change nothing. A notification that names no mail \
            of ours, or another address than it went to, changes nothing.

            Exit 0 even then, so that the mail server answers nobody; 75 when it should keep the \
            mail and try again, since store or configuration cannot be used.

            Example, Postfix, with 'recipient_delimiter = +' in main.cf and 'bounces: doorpost' in \
            /etc/aliases; in ~doorpost/.forward:
            "|/usr/bin/doorpost mail bounce"
            """)

    @OptionGroup var config: ConfigOption

    func run() async throws {
        do {
            try take()
        } catch {
            // Whatever it is, the mail server must neither lose the mail nor send one about it.
            throw CommandFailure(.tryLater, ErrorText.of(error))
        }
    }

    private func take() throws {
        let mail = try PipedMail.read()
        guard let notice = Configuration.readBounce(mail, deliveredTo: PipedMail.recipients) else {
            return Output.note("not a delivery status notification; nothing was changed")
        }
        for recipient in notice.recipients where recipient.action != .failed {
            let address = recipient.addresses.first?.canonical ?? ""
            Output.note("\(address): \(recipient.action.rawValue); nothing was changed")
        }
        let failed = notice.recipients.filter { $0.action == .failed }
        guard !failed.isEmpty else { return }
        let store = try config.loadAsService().openStore(create: false)
        for recipient in failed {
            guard let user = try mark(recipient, notice.mails, store) else {
                Output.note(
                    "\(recipient.addresses[0]): no mail of ours to that address came back; "
                        + "nothing was changed")
                continue
            }
            try Output.line(
                "\(user.email): no code is mailed there any more: \(recipient.reason)")
        }
    }

    /// Marks whom the first of the mails belongs to that went to one of the addresses.
    private func mark(
        _ recipient: BounceNotice.Recipient, _ mails: [MailID], _ store: any Store
    ) throws -> User? {
        for id in mails {
            for address in recipient.addresses {
                let audit = AuditEvent(
                    at: SystemClock().now, kind: .mailBounced, user: nil, door: "",
                    detail: "\(id.auditDetail): \(address): \(recipient.reason)")
                let user = try store.markBounced(
                    id, recipient: address, audit: audit, reason: recipient.reason)
                if let user { return user }
            }
        }
        return nil
    }
}
