internal import CCurl
package import DoorpostCore

/// Hands mails to a relay over SMTP, through libcurl.
///
/// The helper delivers one mail in its life, on a connection of its own; a server keeps
/// connections, since most of a delivery's time and CPU goes into opening one.
package struct SMTPMailer: Mailer {
    private let settings: SMTPSettings
    private let encoder: MessageEncoder
    private let bounces: BounceAddress?
    private let connections: SMTPConnections

    /// - Parameter limit: how many idle connections are kept for the next mails; with 0 each mail
    ///   has its own.
    /// - Throws: `MailError` (``MailError/Code/misconfigured``) when values contradict each other.
    package init(_ configuration: MailConfiguration, keepingConnections limit: Int = 0)
        throws(MailError)
    {
        try self.init(configuration, SMTPConnections(keeping: limit))
    }

    init(_ configuration: MailConfiguration, _ connections: SMTPConnections) throws(MailError) {
        settings = try SMTPSettings(configuration)
        encoder = MessageEncoder(from: configuration.from)
        bounces = configuration.bounces
        self.connections = connections
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
        let sender = bounces?.sender(of: message.messageID) ?? encoder.from.address.canonical
        let errand = SMTPErrand(
            envelope: (sender, message.to.canonical), upload: try encoder.encode(message),
            secret: message.text)
        return MailReceipt(answer: try run(errand))
    }

    package func probe() throws(MailError) {
        _ = try run(.probe)
    }

    /// Runs the errand on a kept connection, or on a new one if there is none or the relay had
    /// given it up. Both together take no longer than one may.
    private func run(_ errand: SMTPErrand) throws(MailError) -> String {
        let deadline = ContinuousClock.now + .milliseconds(settings.totalTimeout.milliseconds)
        if let connection = connections.take() {
            do {
                return try run(errand, on: connection, until: deadline)
            } catch {
                guard connection.wasFoundDead else { throw error }
            }
        }
        return try run(errand, on: SMTPConnection(settings), until: deadline)
    }

    private func run(
        _ errand: SMTPErrand, on connection: SMTPConnection, until deadline: ContinuousClock.Instant
    ) throws(MailError) -> String {
        let answer = try connection.run(errand, until: deadline)
        connections.keep(connection)
        return answer
    }
}
