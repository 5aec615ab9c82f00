package import DoorpostCore
import DoorpostMail

/// Writes what `mail:` holds as the configuration spells it.
enum MailText {
    static func sender(_ sender: MailSender) -> String {
        sender.name.map { "\($0) <\(sender.address)>" } ?? sender.address.canonical
    }

    static func transport(_ transport: MailTransport) -> String {
        switch transport {
        case .smtp(let host, let port): "smtp://\(address(host, port))"
        case .smtps(let host, let port): "smtps://\(address(host, port))"
        case .outbox(let directory): "outbox:\(directory)"
        }
    }

    private static func address(_ host: MailHost, _ port: UInt16) -> String {
        "\(NetworkAddress(host: host.text, port: Int(port)))"
    }
}

extension MailSection {
    /// How mails leave, for messages: `smtp://127.0.0.1:25`. Holds no secret.
    package var transportText: String { MailText.transport(transport) }

    /// Where mails that come back go, without the tag that each mail has; nil is the sender.
    package var bounceAddress: EmailAddress? { bounces?.address }

    /// Whether mails go to a relay, rather than into a directory.
    package var usesRelay: Bool {
        if case .outbox = transport { false } else { true }
    }

    /// Whether codes leave the machine without TLS that is verified.
    package var sendsInTheClear: Bool {
        guard case .smtp(let host, _) = transport, !host.isLoopback else { return false }
        return tls != .required
    }
}
