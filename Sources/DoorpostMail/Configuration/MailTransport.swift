package import DoorpostCore

/// How mails leave this host: `smtp://HOST[:PORT]`, `smtps://HOST[:PORT]` or `outbox:DIR`.
package enum MailTransport: Hashable, Sendable {
    /// SMTP, made secure with STARTTLS.
    case smtp(host: MailHost, port: UInt16)
    /// SMTP inside TLS from the first byte (RFC 8314).
    case smtps(host: MailHost, port: UInt16)
    /// One file per mail in this directory: for tests, and for hosts that carry mail on by
    /// their own means.
    case outbox(directory: String)

    /// Reads what `mail.transport` of the configuration says.
    ///
    /// - Throws: `MailError` (``MailError/Code/misconfigured``) that says what was expected.
    package init(parsing text: String) throws(MailError) {
        if let rest = text.after("smtp://") {
            let relay = try Self.relay(rest, in: text, standardPort: 25)
            self = .smtp(host: relay.host, port: relay.port)
        } else if let rest = text.after("smtps://") {
            let relay = try Self.relay(rest, in: text, standardPort: 465)
            self = .smtps(host: relay.host, port: relay.port)
        } else if let directory = text.after("outbox:") {
            guard !directory.isEmpty, !directory.utf8.contains(0) else {
                throw Self.wrong(text, "the directory is missing: outbox:/var/lib/doorpost/outbox")
            }
            self = .outbox(directory: String(directory))
        } else {
            throw Self.wrong(
                text, "expected smtp://HOST[:PORT], smtps://HOST[:PORT] or outbox:DIR")
        }
    }

    private static func relay(
        _ rest: Substring, in text: String, standardPort: UInt16
    ) throws(MailError) -> (host: MailHost, port: UInt16) {
        // The error must not repeat the text: it may hold a password.
        guard !rest.contains("@") else {
            throw MailError(
                .misconfigured,
                "mail.transport: no user name or password in the address; "
                    + "write mail.username and mail.password_file")
        }
        let rest = rest.hasSuffix("/") ? rest.dropLast() : rest
        var name = rest
        var portText: Substring?
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            name = rest[rest.index(after: rest.startIndex)..<close]
            let tail = rest[rest.index(after: close)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw wrong(text, "after \"]\" only :PORT may follow")
            }
            portText = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = rest.firstIndex(of: ":") {
            name = rest[..<colon]
            portText = rest[rest.index(after: colon)...]
        }
        guard let host = MailHost(String(name)) else {
            throw wrong(text, "\(String(name).debugDescription) is not a host name or address")
        }
        guard let portText else { return (host, standardPort) }
        // Only digits: UInt16 would also take "+25".
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(portText), port > 0
        else {
            throw wrong(text, "\(String(portText).debugDescription) is not a port (1 to 65535)")
        }
        return (host, port)
    }

    private static func wrong(_ text: String, _ what: String) -> MailError {
        MailError(.misconfigured, "mail.transport: \(text.debugDescription): \(what)")
    }
}

extension String {
    /// What follows `prefix`, or nil when the text does not begin with it.
    fileprivate func after(_ prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
