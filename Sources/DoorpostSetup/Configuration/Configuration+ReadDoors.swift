import DoorpostCore
import DoorpostMail

/// The sections that speak with other machines.
extension Configuration {
    /// - Parameter isNeeded: whether codes are mailed from this machine.
    static func readMail(_ section: Section, isNeeded: Bool) -> MailSection {
        let from = section.value("from", default: nil) { text throws(ValueError) -> MailSender? in
            try mailValue { () throws(MailError) in try MailSender(parsing: text) }
        }
        if isNeeded, !section.has("from") {
            section.note("from", "must be set: the address that codes are mailed from")
        }
        let transport = section.value("transport", default: standardTransport) {
            text throws(ValueError) in
            try mailValue { () throws(MailError) in try MailTransport(parsing: text) }
        }
        let mail = MailSection(
            from: from ?? MailSender(name: nil, address: placeholder),
            bounces: section.value("bounces", default: nil) {
                text throws(ValueError) -> BounceAddress? in
                try mailValue { () throws(MailError) in try BounceAddress(parsing: text) }
            },
            transport: resolve(transport, section.reader), username: section.text("username"),
            passwordFile: section.file("password_file"),
            tls: section.choice(
                "tls",
                default: MailConfiguration(
                    from: MailSender(name: nil, address: placeholder), transport: transport
                ).standardTLS),
            caFile: section.file("ca_file"))
        check(mail, section)
        section.finish()
        return mail
    }

    /// The mail adapter's messages begin with the key, as ours do.
    private static func mailValue<T>(_ read: () throws(MailError) -> T) throws(ValueError) -> T {
        do {
            return try read()
        } catch {
            let text = error.detail.drop { $0 != " " }.dropFirst()
            throw ValueError(String(text), isWhole: true)
        }
    }

    private static func resolve(_ transport: MailTransport, _ reader: SettingsReader)
        -> MailTransport
    {
        guard case .outbox(let directory) = transport else { return transport }
        return .outbox(directory: reader.resolve(directory))
    }

    private static func check(_ mail: MailSection, _ section: Section) {
        if section.has("username") != section.has("password_file") {
            let missing = section.has("username") ? "password_file" : "username"
            section.note(missing, "must be set too: one says who, the other how to prove it")
        }
        switch mail.transport {
        case .smtps where mail.tls != .required:
            section.note("tls", "must be required with smtps:// (use smtp:// for anything else)")
        case .smtp where mail.username != nil && mail.tls == .none:
            section.note("tls", "must not be none where a password is sent")
        default: break
        }
    }

    private static var standardTransport: MailTransport {
        guard let host = MailHost("127.0.0.1") else {
            preconditionFailure("a constant host is valid")
        }
        return .smtp(host: host, port: 25)
    }

    static func readHTTP(_ section: Section) -> HTTPSection {
        let http = HTTPSection(
            listen: section.value(
                "listen", default: NetworkAddress(host: "127.0.0.1", port: 8425)
            ) { text throws(ValueError) in
                guard let address = NetworkAddress(listening: text) else {
                    throw ValueError("is not an address to listen on (write 127.0.0.1:8425)")
                }
                return address
            },
            trustedProxies: section.list("trusted_proxies", default: [], NetworkRange.parse),
            corsOrigins: section.list("cors_origins", default: [], WebAddress.parseOrigin),
            applications: section.list("applications", default: [], WebAddress.parseApplication),
            tlsCertificate: section.file("tls_certificate"), tlsKey: section.file("tls_key"))
        if section.has("tls_certificate") != section.has("tls_key") {
            let missing = section.has("tls_key") ? "tls_certificate" : "tls_key"
            section.note(missing, "must be set too: a certificate and its key belong together")
        }
        section.finish()
        return http
    }

    static func parsePool(_ text: String) throws(ValueError) -> String {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard text.utf8.count <= 55, parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }),
            text.utf8.allSatisfy({ isWordByte($0) || "_-".utf8.contains($0) })
        else { throw ValueError("is not a pool id (write REGION_NAME, for example local_Main)") }
        return text
    }

    static func parseAccount(_ text: String) throws(ValueError) -> String? {
        guard let name = LoginName(text) else { throw ValueError("is not an account name") }
        guard text != "root" else {
            throw ValueError("must be an account without rights (leave it out to keep who runs)")
        }
        return name.name
    }

    static func isDomain(_ text: String) -> Bool {
        text.contains(".") && EmailAddress("a@\(text)") != nil
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    /// Stands where `mail.from` is wrong; a configuration with a mistake is never handed out.
    private static let placeholder: EmailAddress = {
        guard let address = EmailAddress("nobody@invalid.example") else {
            preconditionFailure("a constant address is valid")
        }
        return address
    }()
}
