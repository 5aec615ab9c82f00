import DoorpostCore
import DoorpostSetup

/// Whether the relay would take mail now. Names no recipient, sends nothing.
enum MailCheck {
    static func run(_ configuration: Configuration) -> [Finding] {
        let transport = configuration.mail.transportText
        var findings: [Finding] = []
        do {
            try configuration.makeMailer(triggers: nil).probe()
            findings.append(.ok("mail", "\(transport) answers"))
        } catch let error as MailError {
            findings.append(
                .problem(
                    "mail", "\(transport): \(error.code.name): \(error.detail)",
                    "nobody gets a code until it answers; run: doorpost mail test ADDRESS"))
        } catch {
            findings.append(.problem("mail", "\(error)", ""))
        }
        if !configuration.mail.usesRelay {
            findings.append(
                .warning(
                    "mail", "mails are files in a directory, and reach nobody by themselves",
                    "set mail.transport to smtp://HOST:PORT for real use"))
        } else if configuration.mail.sendsInTheClear {
            findings.append(
                .warning(
                    "mail", "codes go to \(transport) without TLS that is checked",
                    "set mail.tls to required"))
        }
        if let address = configuration.mail.bounceAddress {
            findings.append(alias(address))
        }
        return findings
    }

    /// Only a mail that comes back would show whether this is set up.
    private static func alias(_ address: EmailAddress) -> Finding {
        Finding(
            name: "bounces", state: .unchecked,
            what: "not checked: whether mail to \(address.local)+ID@\(address.domain) comes to "
                + "'doorpost mail bounce'",
            remedy: "with Postfix there: 'recipient_delimiter = +' in main.cf; "
                + "'\(address.local): doorpost' in /etc/aliases; "
                + "'\"|/usr/bin/doorpost mail bounce\"' in ~doorpost/.forward")
    }
}
