import DoorpostCore
import Foundation
import Testing

@testable import DoorpostMail

@Suite("Relays that fail")
struct FailureTests {
    @Test(
        "4xx is temporary and 5xx final, at every stage",
        arguments: ["greeting", "mail", "rcpt", "data", "dot"],
        ["451 4.3.0 try later", "550 5.1.1 not here"])
    func refusals(_ stage: String, _ reply: String) throws {
        let peer = try Peer("peer.py", ["--reply", "\(stage)=\(reply)"])
        let error = failure {
            _ = try SMTPMailer(peer.configuration()).deliver(mail())
        }
        #expect(error?.code == (reply.hasPrefix("4") ? .temporary : .rejected))
        #expect(error?.detail.contains(reply) == true)
        #expect(error?.detail.hasPrefix("smtp://localhost:") == true)
    }

    @Test(
        "a silent relay is left at the time-out",
        arguments: [
            "greeting", "ehlo", "mail", "rcpt", "data", "dot",
        ])
    func silence(_ stage: String) throws {
        let peer = try Peer("peer.py", "--silent", stage)
        let start = ContinuousClock.now
        let error = failure {
            let mailer = try SMTPMailer(peer.configuration(timeout: Span(milliseconds: 400)))
            _ = try mailer.deliver(mail())
        }
        #expect(error?.code == .timeout)
        #expect(error?.detail.contains("may have taken it") == (stage == "dot"))
        // 400 ms, and the rest for a machine that is busy with other tests.
        #expect((.milliseconds(390)...(.seconds(4))).contains(ContinuousClock.now - start))
    }

    @Test(
        "a relay that drops the connection is tried again",
        arguments: [
            "greeting", "ehlo", "mail", "rcpt", "data", "dot",
        ])
    func drops(_ stage: String) throws {
        let peer = try Peer("peer.py", "--drop", stage)
        let error = failure {
            _ = try SMTPMailer(peer.configuration()).deliver(mail())
        }
        #expect(error?.code == .temporary)
    }

    @Test("nobody waits long for the answer to QUIT")
    func silentGoodbye() throws {
        let refusing = try Peer("peer.py", "--reply", "rcpt=550 no", "--silent", "quit")
        let peer = try Peer("peer.py", "--silent", "quit")
        var start = ContinuousClock.now
        let error = failure {
            let mailer = try SMTPMailer(refusing.configuration(timeout: .seconds(1)))
            _ = try mailer.deliver(mail())
        }
        #expect(error?.code == .rejected)
        #expect(error?.detail.hasSuffix("its last answer: 550 no") == true)
        #expect(ContinuousClock.now - start < .seconds(6))
        start = .now
        let receipt = try SMTPMailer(peer.configuration()).deliver(mail())
        #expect(receipt.answer == "250 2.0.0 queued as PEER1")
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test("a slow relay is waited for")
    func slow() throws {
        let peer = try Peer("peer.py", "--slow", "300")
        let start = ContinuousClock.now
        _ = try SMTPMailer(peer.configuration()).deliver(mail())
        #expect(ContinuousClock.now - start > .milliseconds(1700))
    }

    @Test("a relay that answers each time, but too slowly in all, is left too")
    func dripping() throws {
        let peer = try Peer("peer.py", "--slow", "400")
        let mailer = try SMTPMailer(peer.configuration(timeout: Span(milliseconds: 1500)))
        #expect(failure { _ = try mailer.deliver(mail()) }?.code == .timeout)
    }

    @Test("nobody listening, or a name that does not exist, is unreachable")
    func unreachable() throws {
        let port = try { try Peer().port }()  // it has ended, so the port is free again
        for host in ["127.0.0.1:\(port)", "relay.invalid:25"] {
            let configuration = MailConfiguration(
                from: try MailSender(parsing: "a@example.org"),
                transport: try MailTransport(parsing: "smtp://\(host)"),
                connectTimeout: .seconds(5), totalTimeout: .seconds(5))
            let error = failure { try SMTPMailer(configuration).probe() }
            #expect(
                error?.code == .unreachable || host.hasPrefix("relay") && error?.code == .timeout)
        }
    }

    @Test("an error or receipt holds no control characters and nothing of the mail")
    func hostileAnswers() throws {
        let said =
            "\u{1b}[31m1234 5678 (12345678) in Your code\u{7}" + String(repeating: "x", count: 900)
        for reply in ["554 5.6.0 \(said)", "250 2.0.0 \(said)"] {
            let peer = try Peer("peer.py", "--reply", "dot=\(reply)")
            let mailer = try SMTPMailer(peer.configuration())
            let message = try mail(text: "Your code is 1234 5678\n")
            var text = ""
            do { text = try mailer.deliver(message).answer } catch { text = error.detail }
            #expect(text.contains("[31m… … (……) in Your code"))
            #expect(!text.contains("1234") && !text.contains("5678"))
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
            #expect(text.count < 500)
        }
    }

    @Test("a multi-line answer is reported by its last line")
    func multiLine() throws {
        let peer = try Peer("peer.py", "--reply", "dot=250-first\\n250 2.0.0 last")
        #expect(try SMTPMailer(peer.configuration()).deliver(mail()).answer == "250 2.0.0 last")
    }
}
