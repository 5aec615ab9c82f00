internal import CCurl
package import DoorpostCore

/// Hands mails to a relay over SMTP, through libcurl.
///
/// Each call opens its own connection and closes it: one relay's state never meets another's
/// mail, and the helper delivers one mail in its life anyway.
package struct SMTPMailer: Mailer {
    private let settings: SMTPSettings
    private let encoder: MessageEncoder

    /// - Throws: `MailError` (``MailError/Code/misconfigured``) when values contradict each other.
    package init(_ configuration: MailConfiguration) throws(MailError) {
        settings = try SMTPSettings(configuration)
        encoder = MessageEncoder(from: configuration.from)
    }

    /// Loads libcurl, which takes some milliseconds the first time in a process; otherwise the
    /// first delivery does.
    package func prepare() {
        _ = doorpost_curl_load()
    }

    static func warmUp() throws(MailError) {
        guard doorpost_curl_load() else {
            throw MailError(
                .misconfigured,
                "libcurl cannot be loaded: \(String(cString: doorpost_curl_load_error())); "
                    + "install the package libcurl4")
        }
    }

    package func deliver(_ message: MailMessage) throws(MailError) -> MailReceipt {
        let transfer = try SMTPTransfer(
            settings, upload: try encoder.encode(message), secret: message.text)
        try transfer.name(sender: encoder.from.address.canonical, recipient: message.to.canonical)
        return MailReceipt(answer: try transfer.run())
    }

    package func probe() throws(MailError) {
        let transfer = try SMTPTransfer(settings, upload: [], secret: "")
        try transfer.onlyGreet()
        _ = try transfer.run()
    }
}
