import DoorpostCore
import Foundation
import Testing

@testable import DoorpostMail

@Suite("TLS and signing in")
struct TLSTests {
    @Test("without STARTTLS nothing is sent where TLS is required, by either sort of call")
    func strippedOffer() throws {
        let peer = try Peer("peer.py", "--auth", "login:secret")
        for tls in [MailTLS.required, .opportunistic] {
            // A user name makes opportunistic mean required.
            let mailer = try SMTPMailer(peer.configuration(tls: tls, user: "login"))
            let delivery = failure { _ = try mailer.deliver(mail()) }
            #expect(delivery?.code == .tls)
            #expect(failure { try mailer.probe() }?.code == .tls)
            peer.waitForEnd()
            peer.waitForEnd()
        }
        #expect(
            peer.plain.replacingOccurrences(of: "QUIT\r\n", with: "")
                == String(repeating: "EHLO example.org\r\n", count: 4))
    }

    @Test(
        "a relay is believed only with a certificate for its name from a known authority",
        arguments: ["expired", "wrong-host", "self-signed"], ["starttls", "implicit"])
    func badCertificates(_ certificate: String, _ way: String) throws {
        let peer = try Peer(
            "peer.py", "--tls", way, "--certificate", certificate,
            "--auth", "login:secret")
        let mailer = try SMTPMailer(
            peer.configuration(secure: way == "implicit", user: "login"))
        let error = failure { _ = try mailer.deliver(mail()) }
        #expect(error?.code == .tls)
        #expect(error?.detail.lowercased().contains("certificate") == true)
        peer.waitForEnd()
        #expect(peer.secured.isEmpty)
        #expect(!peer.plain.contains("AUTH") && !peer.plain.contains("MAIL"))
    }

    @Test("a ca_file is the only authority; without it a private one is not trusted")
    func authorities() throws {
        let peer = try Peer("peer.py", "--tls", "implicit")
        var configuration = try peer.configuration(secure: true, trust: false)
        #expect(failure { try SMTPMailer(configuration).probe() }?.code == .tls)
        configuration.caFile = "/etc/ssl/certs/ca-certificates.crt"
        #expect(failure { try SMTPMailer(configuration).probe() }?.code == .tls)
        configuration.caFile = "/nonexistent/ca.pem"
        #expect(
            failure { try SMTPMailer(configuration).probe() }?.code
                == .misconfigured)
        configuration.caFile = peer.caFile
        #expect(failure { try SMTPMailer(configuration).probe() } == nil)
    }

    @Test(
        "a good certificate and password deliver, both ways", arguments: ["starttls", "implicit"])
    func goodRelay(_ way: String) throws {
        let peer = try Peer("peer.py", "--tls", way, "--auth", "login:secret")
        let configuration = try peer.configuration(
            secure: way == "implicit", host: "127.0.0.1", user: "login")
        #expect(try SMTPMailer(configuration).deliver(mail()).answer.hasPrefix("250 "))
        peer.waitForEnd()
        #expect(peer.secured.contains("AUTH PLAIN AGxvZ2luAHNlY3JldA==\r\nMAIL FROM:"))
        #expect(!peer.plain.contains("AUTH"))
    }

    @Test("a refused password is said so, and never repeated")
    func wrongPassword() throws {
        let peer = try Peer("peer.py", "--tls", "starttls", "--auth", "login:secret")
        let mailer = try SMTPMailer(peer.configuration(user: "login", password: "wrong-password"))
        let error = failure { _ = try mailer.deliver(mail()) }
        #expect(error?.code == .authentication)
        // The server repeats what it was sent: base64 of the name and the password.
        #expect(error?.detail.contains("535 5.7.8 no: ") == true)
        #expect(error?.detail.contains("AGxv") == false)
        peer.waitForEnd()
        #expect(!peer.secured.contains("MAIL"))
    }

    @Test("a loopback relay without TLS is used; with a self-signed certificate too")
    func opportunistic() throws {
        for arguments in [
            ["--tls", "none"], ["--tls", "starttls", "--certificate", "self-signed"],
        ] {
            let peer = try Peer("peer.py", arguments)
            _ = try SMTPMailer(peer.configuration(trust: false)).deliver(mail())
            peer.waitForEnd()
            #expect((peer.secured.isEmpty ? peer.plain : peer.secured).contains("MAIL FROM"))
            #expect(peer.secured.isEmpty == (arguments.count == 2))
        }
    }
}
