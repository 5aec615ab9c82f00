package import DoorpostCore

/// Everything the mail adapter is told: `mail:` of the configuration, as values.
package struct MailConfiguration: Sendable {
    /// Whom the mails come from.
    package var from: MailSender
    /// Where mails that come back go; nil means ``from``.
    package var bounces: BounceAddress?
    /// How they leave.
    package var transport: MailTransport
    /// The name to sign in to the relay with; nil for none.
    package var username: String?
    /// The password to it.
    package var password: MailPassword?
    /// Whether the connection is secured; nil means ``standardTLS``.
    package var tls: MailTLS?
    /// The only certificate authorities to trust (PEM); nil means the system's.
    package var caFile: String?
    /// What we call ourselves in EHLO; nil means the domain of ``from``.
    package var hostName: MailHost?
    /// How long finding the relay, connecting, TLS and signing in may take.
    package var connectTimeout: Span
    /// How long a whole delivery may take.
    package var totalTimeout: Span

    package init(
        from: MailSender, bounces: BounceAddress? = nil, transport: MailTransport,
        username: String? = nil, password: MailPassword? = nil, tls: MailTLS? = nil,
        caFile: String? = nil,
        hostName: MailHost? = nil, connectTimeout: Span = .seconds(10),
        totalTimeout: Span = .seconds(20)
    ) {
        self.from = from
        self.bounces = bounces
        self.transport = transport
        self.username = username
        self.password = password
        self.tls = tls
        self.caFile = caFile
        self.hostName = hostName
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
    }

    /// What holds when the configuration says nothing about TLS: required, except for
    /// `smtp://` to this very machine, where nobody can listen in and relays rarely have a
    /// certificate that anybody signed.
    package var standardTLS: MailTLS {
        if case .smtp(let host, _) = transport, host.isLoopback { return .opportunistic }
        return .required
    }

    /// The mailer that this configuration asks for.
    ///
    /// - Parameter limit: how many idle connections to a relay are kept for the next mails.
    /// - Throws: `MailError` (``MailError/Code/misconfigured``) when values contradict each other.
    package func makeMailer(keepingConnections limit: Int = 0) throws(MailError) -> any Mailer {
        switch transport {
        case .smtp, .smtps: try SMTPMailer(self, keepingConnections: limit)
        case .outbox(let directory):
            OutboxDirectoryMailer(directory: directory, encoder: MessageEncoder(from: from))
        }
    }
}

/// How far a connection to the relay must be secured.
package enum MailTLS: String, Hashable, Sendable, CaseIterable {
    /// TLS 1.2 or newer, certificate and host name verified, or no mail: never plain text.
    case required
    /// TLS if the relay offers it; nothing is verified, since whoever can forge a certificate
    /// can also strip the offer. With a user name or a `ca_file` it means ``required``: a
    /// password goes out only under verified TLS.
    case opportunistic
    /// Plain text, even if the relay offers TLS.
    case none
}
