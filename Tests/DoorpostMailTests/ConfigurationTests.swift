import CCurl
import DoorpostCore
import Testing

@testable import DoorpostMail

@Suite("What the configuration says")
struct ConfigurationTests {
    @Test(
        "transports",
        arguments: [
            ("smtp://relay.example.org", "smtp://relay.example.org:25"),
            ("smtp://Relay.Example.org:587/", "smtp://relay.example.org:587"),
            ("smtps://relay", "smtps://relay:465"), ("smtp://[::1]:2525", "smtp://[::1]:2525"),
            ("smtps://[2001:DB8::1]", "smtps://[2001:db8::1]:465"),
            ("smtp://127.0.0.1", "smtp://127.0.0.1:25"),
        ])
    func transports(_ text: String, _ relay: String) throws {
        #expect(try settings(text).relay == relay)
        #expect(try settings(text).url == relay + "/example.org")
    }

    @Test(
        "transports that are refused",
        arguments: [
            "", "smtp:relay", "smtp://", "http://relay", "smtp://relay:0", "smtp://relay:65536",
            "smtp://relay:+25", "smtp://relay:", "smtp://re lay", "smtp://relay/path",
            "smtp://relay\r\n", "smtp://relay\0", "smtp://user:geheim@relay", "smtp://[::1",
            "smtp://[::1]x", "smtp://::1", "smtp://-relay", "smtp://1.2.3", "smtp://0x7f000001.1",
            "smtp://rélay", "outbox:", "SMTP://relay", "smtp://relay?x", "smtp://relay#x",
            "smtp://relay;auth=x", "smtp://%72elay", "outbox:/a\0b",
        ])
    func wrongTransports(_ text: String) {
        let error = failure { _ = try MailTransport(parsing: text) }
        #expect(error?.code == .misconfigured)
        #expect(error?.detail.hasPrefix("mail.transport: ") == true)
        #expect(error?.detail.contains("geheim") == false)
    }

    @Test("an outbox is a directory")
    func outbox() throws {
        #expect(
            try MailTransport(parsing: "outbox:/var/lib/x y") == .outbox(directory: "/var/lib/x y"))
    }

    @Test(
        "senders",
        arguments: [
            ("Example sign-in <Login@example.org>", "Example sign-in", "login@example.org"),
            ("login@example.org", nil, "login@example.org"),
            ("<login@example.org>", nil, "login@example.org"),
            ("\"Smith, A\" <a@example.org>", "Smith, A", "a@example.org"),
            (" Zoë  <a@example.org> ", "Zoë", "a@example.org"),
        ] as [(String, String?, String)])
    func senders(_ text: String, _ name: String?, _ address: String) throws {
        let sender = try MailSender(parsing: text)
        #expect(sender.name == name)
        #expect(sender.address.canonical == address)
    }

    @Test("a bounce address leaves room for a mail's id")
    func bounceAddresses() throws {
        let id = String(repeating: "a", count: 32)
        for (local, domain, isGood) in [
            (31, "example.org", true), (32, "example.org", false),
            (31, String(repeating: "d.", count: 93) + "org", true),
            (31, String(repeating: "d.", count: 93) + "orgs", false),
        ] {
            let text = "\(String(repeating: "b", count: local))@\(domain)"
            let address = try? BounceAddress(parsing: text)
            #expect((address != nil) == isGood)
            #expect(address.map { EmailAddress($0.sender(of: id)) != nil } ?? true)
        }
        for text in ["", "b+c@d.example", "B <b@c.example>", "b@c.example, d@e.example"] {
            #expect(throws: MailError(.misconfigured, "")) { try BounceAddress(parsing: text) }
        }
    }

    @Test("senders that are refused", arguments: ["", "Example", "a@b, c@d", "X <a@b> y", "X <>"])
    func wrongSenders(_ text: String) {
        #expect(failure { _ = try MailSender(parsing: text) }?.code == .misconfigured)
    }

    @Test(
        "TLS is required unless the relay is this machine",
        arguments: [
            ("smtp://relay.example.org", .startTLS), ("smtp://localhost", .startTLSIfOffered),
            ("smtp://127.9.9.9", .startTLSIfOffered), ("smtp://[::1]", .startTLSIfOffered),
            ("smtp://localhost.example.org", .startTLS), ("smtp://128.0.0.1", .startTLS),
            ("smtps://localhost", .implicit), ("smtps://relay", .implicit),
        ] as [(String, SMTPSettings.Encryption)])
    func standardTLS(_ transport: String, _ encryption: SMTPSettings.Encryption) throws {
        #expect(try settings(transport).encryption == encryption)
        #expect(try settings(transport).verifies == (encryption != .startTLSIfOffered))
    }

    @Test("a password or a pinned authority turns opportunistic into required")
    func strengthened() throws {
        #expect(try settings("smtp://localhost", user: "u").encryption == .startTLS)
        #expect(try settings("smtp://localhost", caFile: "/x").verifies)
        #expect(try settings("smtp://relay", tls: .opportunistic, user: "u").verifies)
        #expect(try settings("smtps://relay", tls: .opportunistic, user: "u").verifies)
        #expect(try !settings("smtps://relay", tls: .opportunistic).verifies)
        #expect(try settings("smtp://relay", tls: MailTLS.none).encryption == .none)
    }

    @Test("what contradicts itself is refused")
    func contradictions() throws {
        let plain = failure { _ = try settings("smtp://relay", tls: MailTLS.none, user: "u") }
        #expect(plain?.detail.contains("plain text") == true)
        #expect(
            failure { _ = try settings("smtps://relay", tls: MailTLS.none) }?.code == .misconfigured
        )
        var configuration = try plainConfiguration(25)
        configuration.username = "u"
        #expect(failure { _ = try SMTPSettings(configuration) }?.code == .misconfigured)
        configuration = try plainConfiguration(25)
        configuration.totalTimeout = .seconds(0)
        #expect(failure { _ = try SMTPSettings(configuration) }?.code == .misconfigured)
    }

    @Test("a password prints as redacted, also inside other values")
    func passwords() throws {
        var configuration = try plainConfiguration(25)
        configuration.password = MailPassword("geheim")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("geheim"))
        }
    }

    @Test(
        "the table of failures",
        arguments: [
            (CURLE_COULDNT_RESOLVE_HOST, 0, .unreachable), (CURLE_COULDNT_CONNECT, 0, .unreachable),
            (CURLE_OPERATION_TIMEDOUT, 354, .timeout), (CURLE_USE_SSL_FAILED, 250, .tls),
            (CURLE_PEER_FAILED_VERIFICATION, 220, .tls), (CURLE_SSL_CONNECT_ERROR, 220, .tls),
            (CURLE_REMOTE_ACCESS_DENIED, 502, .tls), (CURLE_REMOTE_ACCESS_DENIED, 554, .rejected),
            (CURLE_LOGIN_DENIED, 535, .authentication), (CURLE_LOGIN_DENIED, 454, .temporary),
            (CURLE_SEND_ERROR, 530, .authentication), (CURLE_SEND_ERROR, 550, .rejected),
            (CURLE_SEND_ERROR, 451, .temporary), (CURLE_SEND_ERROR, 250, .temporary),
            (CURLE_WEIRD_SERVER_REPLY, 554, .rejected), (CURLE_WEIRD_SERVER_REPLY, 421, .temporary),
            (CURLE_RECV_ERROR, 550, .temporary), (CURLE_GOT_NOTHING, 0, .temporary),
            (CURLE_OUT_OF_MEMORY, 0, .temporary), (CURLE_SSL_CACERT_BADFILE, 0, .misconfigured),
            (CURLE_UNKNOWN_OPTION, 0, .misconfigured), (CURLE_NOT_BUILT_IN, 0, .misconfigured),
        ] as [(CURLcode, Int, MailError.Code)])
    func failures(_ result: CURLcode, _ reply: Int, _ code: MailError.Code) {
        #expect(SMTPFailure.code(result, reply: reply) == code)
    }

    private func settings(
        _ transport: String, tls: MailTLS? = nil, user: String? = nil, caFile: String? = nil
    ) throws -> SMTPSettings {
        try SMTPSettings(
            MailConfiguration(
                from: MailSender(parsing: "login@example.org"),
                transport: MailTransport(parsing: transport), username: user,
                password: user.map { MailPassword($0) }, tls: tls, caFile: caFile))
    }
}
