import DoorpostCore

/// What ``MailConfiguration`` comes to for one relay: nothing left to decide.
struct SMTPSettings: Sendable {
    /// How TLS comes into the connection.
    enum Encryption: Hashable {
        /// From the first byte.
        case implicit
        /// STARTTLS, or no mail.
        case startTLS
        /// STARTTLS if the relay offers it.
        case startTLSIfOffered
        /// Plain text.
        case none
    }

    /// The relay, with the name for EHLO as path: libcurl wants it there.
    let url: String
    /// The relay as messages name it.
    let relay: String
    let encryption: Encryption
    /// Whether the certificate and the host name in it are verified.
    let verifies: Bool
    let credentials: (username: String, password: MailPassword)?
    let caFile: String?
    let connectTimeout: Span
    let totalTimeout: Span

    /// - Throws: `MailError` (``MailError/Code/misconfigured``).
    init(_ configuration: MailConfiguration) throws(MailError) {
        let scheme: String
        let host: MailHost
        let port: UInt16
        switch configuration.transport {
        case .smtp(let name, let number): (scheme, host, port) = ("smtp", name, number)
        case .smtps(let name, let number): (scheme, host, port) = ("smtps", name, number)
        case .outbox: throw MailError(.misconfigured, "mail.transport: an outbox is no relay")
        }
        relay = "\(scheme)://\(host.inURL):\(port)"
        let greeting = configuration.hostName?.text ?? String(configuration.from.address.domain)
        url = "\(relay)/\(greeting)"

        switch (configuration.username, configuration.password) {
        case (nil, nil): credentials = nil
        case (let username?, let password?): credentials = (username, password)
        case (_?, nil):
            throw MailError(.misconfigured, "mail.username is set, mail.password_file is not")
        case (nil, _?):
            throw MailError(.misconfigured, "mail.password_file is set, mail.username is not")
        }

        var tls = configuration.tls ?? configuration.standardTLS
        if tls == .none, credentials != nil, !host.isLoopback {
            throw MailError(
                .misconfigured,
                "mail.tls: none would send the password to \(host) in plain text: "
                    + "remove it, or remove mail.username and mail.password_file")
        }
        // A relay is trusted with a password, or pinned with a CA, only when it proves its name.
        if tls == .opportunistic, credentials != nil || configuration.caFile != nil {
            tls = .required
        }
        switch (scheme, tls) {
        case ("smtps", .none):
            throw MailError(.misconfigured, "mail.tls: none contradicts mail.transport: smtps://…")
        case ("smtps", _): encryption = .implicit
        case (_, .required): encryption = .startTLS
        case (_, .opportunistic): encryption = .startTLSIfOffered
        case (_, .none): encryption = .none
        }
        verifies = tls == .required

        guard configuration.connectTimeout > .seconds(0), configuration.totalTimeout > .seconds(0)
        else { throw MailError(.misconfigured, "the mail time-outs must be longer than 0") }
        caFile = configuration.caFile
        connectTimeout = min(configuration.connectTimeout, configuration.totalTimeout)
        totalTimeout = configuration.totalTimeout
    }
}
