import DoorpostCore
import Foundation
import Testing

@testable import DoorpostMail

@Suite("Kept connections")
struct KeptConnectionTests {
    @Test("fifty mails go over one connection, which signs in once")
    func reuse() throws {
        let peer = try Peer("peer.py", "--tls", "starttls", "--auth", "login:secret")
        let mailer = try SMTPMailer(peer.configuration(user: "login"), keepingConnections: 1)
        try mailer.probe()
        for number in 1...50 {
            let receipt = try mailer.deliver(mail(to: "u\(number)@example.net", id: "m\(number)"))
            #expect(receipt.answer == "250 2.0.0 queued as PEER1")
            if number == 25 { try mailer.probe() }
        }
        #expect(peer.connections == 1)
        #expect(peer.plain == "EHLO example.org\r\nSTARTTLS\r\n")
        #expect(peer.taken == (1...50).map { "<m\($0)@example.org>" })
        let lines = peer.secured.components(separatedBy: "\r\n")
        #expect(lines.filter { $0.hasPrefix("EHLO") || $0.hasPrefix("AUTH") }.count == 2)
        #expect(lines.filter { $0 == "NOOP" }.count == 2)
        // Each mail with its own recipient, and nothing of the one before.
        let recipients = lines.filter { $0.hasPrefix("RCPT") }
        #expect(recipients == (1...50).map { "RCPT TO:<u\($0)@example.net>" })
        #expect(lines.filter { $0.hasPrefix("Message-ID") }.count == 50)
    }

    @Test("without keeping, each mail has a connection of its own")
    func single() throws {
        let peer = try Peer()
        let mailer = try SMTPMailer(peer.configuration())
        for _ in 1...3 {
            _ = try mailer.deliver(mail())
            peer.waitForEnd()
        }
        #expect(peer.connections == 3)
    }

    @Test(
        "a relay that takes one mail a connection costs no mail, however it says so",
        arguments: ["close", "drop:mail", "421 4.7.0 too many mails"])
    func oneMailEach(_ then: String) throws {
        let peer = try Peer("peer.py", "--mails", "1", "--then", then)
        let mailer = try SMTPMailer(peer.configuration(), keepingConnections: 1)
        for number in 1...5 { _ = try mailer.deliver(mail(id: "m\(number)")) }
        #expect(peer.taken == (1...5).map { "<m\($0)@example.org>" })
        #expect(peer.connections == 5)
    }

    @Test(
        "once the relay has answered to a mail, it is not sent again by itself",
        arguments: ["drop:rcpt", "drop:data", "drop:dot", "451 4.3.0 later", "550 5.7.1 no"])
    func answered(_ then: String) throws {
        let peer = try Peer("peer.py", "--mails", "1", "--then", then)
        let mailer = try SMTPMailer(peer.configuration(), keepingConnections: 1)
        _ = try mailer.deliver(mail(id: "m1"))
        let error = failure { _ = try mailer.deliver(mail(id: "m2")) }
        #expect(error?.code == (then.hasPrefix("550") ? .rejected : .temporary))
        #expect(peer.connections == 1)
        // The handle is thrown away: the next has a connection of its own.
        _ = try mailer.deliver(mail(id: "m3"))
        #expect(peer.connections == 2)
        #expect(peer.taken == ["<m1@example.org>", "<m3@example.org>"])
    }

    @Test(
        "at a relay that hangs up anywhere none is lost and none taken twice",
        arguments: [7, 8, 11])
    func flaky(_ every: Int) throws {
        let peer = try Peer("peer.py", "--flaky", "\(every)")
        let mailer = try SMTPMailer(peer.configuration(), keepingConnections: 2)
        for number in 1...40 {
            var tries = 0
            var isTaken = false
            while !isTaken, tries < 10 {
                tries += 1
                isTaken = failure { _ = try mailer.deliver(mail(id: "m\(number)")) } == nil
            }
            #expect(isTaken)
        }
        #expect(peer.taken == (1...40).map { "<m\($0)@example.org>" })
    }

    @Test("a connection that lay idle too long is closed with QUIT, not used")
    func idle() throws {
        let peer = try Peer()
        let connections = SMTPConnections(keeping: 1, longestIdle: .milliseconds(50))
        let mailer = try SMTPMailer(peer.configuration(), connections)
        _ = try mailer.deliver(mail(id: "m1"))
        Thread.sleep(forTimeInterval: 0.1)
        _ = try mailer.deliver(mail(id: "m2"))
        peer.waitForEnd()
        #expect(peer.connections == 2)
        #expect(peer.plain.components(separatedBy: "\r\nQUIT\r\n").count == 2)
    }

    @Test("no more are kept than was said")
    func bound() async throws {
        let peer = try Peer("peer.py", "--slow", "50")
        let mailer = try SMTPMailer(peer.configuration(), keepingConnections: 2)
        DispatchQueue.concurrentPerform(iterations: 6) { number in
            #expect(failure { _ = try mailer.deliver(mail(id: "m\(number)")) } == nil)
        }
        let opened = peer.connections
        for _ in 0..<max(0, opened - 2) { peer.waitForEnd() }
        _ = try mailer.deliver(mail(id: "last"))
        #expect(peer.connections == opened)
        #expect(Set(peer.taken).count == 7)
    }
}
