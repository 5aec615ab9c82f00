import DoorpostCore
import Foundation
import Glibc
import Testing

@testable import DoorpostMail

@Suite("A real relay: Postfix with STARTTLS, TLS, AUTH and a maildir", .enabled(if: geteuid() == 0))
struct RelayTests {
    @Test("takes mails on both ports and puts them into the maildir as written")
    func delivery() throws {
        let relay = try Peer("relay.py")
        let user = relay.facts["user"] as? String
        let password = relay.facts["password"] as? String ?? ""
        for secure in [false, true] {
            let configuration = try relay.configuration(
                secure: secure, tls: .required, user: user, password: password)
            let mailer = try SMTPMailer(configuration)
            try mailer.probe()
            let text = "Grüße\n.\nYour code is 1234 5678\n.dot\n"
            let receipt = try mailer.deliver(
                mail(
                    name: "Zoë", subject: "Dein Code für \(secure)", text: text, id: "id-\(secure)")
            )
            #expect(receipt.answer.hasPrefix("250 2.0.0 Ok: queued as "))
            let arrived = try await_(relay, "id-\(secure)@example.org")
            #expect(arrived.contains("\nTo: =?utf-8?Q?Zo=C3=AB?= <alice@example.net>\n"))
            #expect(arrived.hasSuffix("\n\nGr=C3=BC=C3=9Fe\n.\nYour code is 1234 5678\n.dot\n"))
            #expect(arrived.contains("\nDelivered-To: alice@example.net\n"))
            #expect(arrived.hasPrefix("Return-Path: <login@example.org>\n"))
        }
        let wrong = try relay.configuration(tls: .required, user: user, password: "wrong")
        #expect(
            failure { try SMTPMailer(wrong).probe() }?.code
                == .authentication)
        let stranger = try relay.configuration(tls: .required)
        let refused = failure {
            _ = try SMTPMailer(stranger).deliver(mail())
        }
        #expect(refused?.code == .rejected)
        let plain = try relay.configuration(tls: MailTLS.none)
        let unsecured = failure {
            _ = try SMTPMailer(plain).deliver(mail())
        }
        #expect(unsecured?.code == .authentication)  // 530: STARTTLS first
    }

    @Test("ten mails over one connection to either port")
    func keptConnection() throws {
        let relay = try Peer("relay.py")
        for secure in [false, true] {
            let configuration = try relay.configuration(
                secure: secure, tls: .required, user: relay.facts["user"] as? String,
                password: relay.facts["password"] as? String ?? "")
            let mailer = try SMTPMailer(configuration, keepingConnections: 1)
            for number in 1...10 { _ = try mailer.deliver(mail(id: "kept-\(secure)-\(number)")) }
        }
        // One line a connection, of ours only: the relay's own start-up check says nothing.
        var ends: [String] = []
        let until = ContinuousClock.now + .seconds(20)
        while ends.count < 2, ContinuousClock.now < until {
            usleep(10_000)
            let log = FileManager.default.contents(atPath: relay.facts["log"] as? String ?? "")
            ends = String(decoding: log ?? Data(), as: UTF8.self).components(separatedBy: "\n")
                .filter { $0.contains(" disconnect from ") && $0.contains(" ehlo=") }
        }
        #expect(ends.count == 2)
        #expect(ends.allSatisfy { $0.contains(" auth=1 mail=10 rcpt=10 data=10 quit=1 ") })
    }

    /// The mail with this Message-ID, as soon as Postfix has moved it into `new`.
    private func await_(_ relay: Peer, _ id: String) throws -> String {
        let folder = (relay.facts["maildir"] as? String ?? "") + "/new"
        let until = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < until {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                let bytes = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
                let text = String(decoding: bytes, as: UTF8.self)
                if text.contains(id) { return text }
            }
            usleep(10_000)
        }
        throw CancellationError()
    }
}
