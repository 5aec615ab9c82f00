import DoorpostCore
import Foundation
import Testing

@testable import DoorpostMail

/// What really goes over the wire, seen by a server that writes down every byte.
@Suite("On the wire")
struct WireTests {
    @Test("a mail arrives with one sender, one recipient and CRLF line ends")
    func delivery() throws {
        let peer = try Peer()
        let receipt = try SMTPMailer(peer.configuration()).deliver(mail())
        #expect(receipt.answer == "250 2.0.0 queued as PEER1")
        peer.waitForEnd()
        let wire = peer.plain
        #expect(wire.hasPrefix("EHLO example.org\r\nMAIL FROM:<login@example.org>\r\n"))
        #expect(wire.contains("\r\nRCPT TO:<alice@example.net>\r\nDATA\r\n"))
        #expect(wire.contains("\r\n\r\nYour code is 1234 5678\r\n.\r\nQUIT\r\n"))
        #expect(count("RCPT TO", in: wire) == 1)
    }

    @Test(
        "no hostile address adds a recipient or a command",
        arguments: [
            "v@example.org>\r\nRCPT TO:<evil@example.com", "v@example.org\r\nDATA",
            "v@example.org\nRCPT TO:<evil@example.com>", "v@example.org\0",
            "v@example.org,evil@e.com",
            "v@example.org evil@example.com", "<v@example.org>", "gma\u{131}l@example.org",
            "v@gma\u{131}l.example", "\"v w\"@example.org", "v(comment)@example.org",
            "=?utf-8?q?v?=@example.org>x", "v@[127.0.0.1]", "v\u{2028}@example.org",
            "v\u{202e}@example.org", "v\u{7f}@example.org", "v@example.org SIZE=1", "",
            String(repeating: "a", count: 65) + "@example.org",
        ])
    func hostileAddresses(_ address: String) throws {
        let peer = try Peer()
        let settings = try SMTPSettings(peer.configuration())
        for (sender, recipient) in [("a@example.org", address), (address, "a@example.org")] {
            let error = failure {
                try deliver(settings, [65, 13, 10], from: sender, to: recipient)
            }
            #expect(error?.code == .invalidMessage)
        }
        #expect(peer.plain.isEmpty)
    }

    @Test("a lone dot between bare line feeds cannot end the mail")
    func smuggling() throws {
        let peer = try Peer()
        let text = "a\n.\nMAIL FROM:<evil@e.com>\n.\r\nb\r.\rc\r\n.\r\n.d\n..\n"
        _ = try SMTPMailer(peer.configuration()).deliver(mail(text: text))
        peer.waitForEnd()
        let wire = peer.plain
        #expect(
            wire.contains(
                "\r\n\r\na\r\n..\r\nMAIL FROM:<evil@e.com>\r\n..\r\nb\r\n..\r\nc\r\n"
                    + "..\r\n..d\r\n...\r\n.\r\nQUIT\r\n"))
        let bytes = Array(wire.utf8)
        for (index, byte) in bytes.enumerated() where byte == 10 || byte == 13 {
            #expect(byte == 10 ? bytes[index - 1] == 13 : bytes[index + 1] == 10)
        }
        #expect(count("\r\n.\r\n", in: wire) == 1)
    }

    @Test("whatever bytes are uploaded, no bare LF and no bare CR reach the wire")
    func rawUpload() throws {
        let peer = try Peer()
        let settings = try SMTPSettings(peer.configuration())
        try deliver(settings, Array("a\n.\nb\r.\rc\n".utf8))
        peer.waitForEnd()
        #expect(peer.plain.contains("DATA\r\na\r\n..\r\nb.c\r\n.\r\n"))
    }

    @Test(
        "a name or subject cannot add a header",
        arguments: [
            "x\r\nBcc: evil@example.com", "x\nBcc: evil@example.com", "x\rBcc: evil@example.com",
            "x\r\n\r\nBcc: evil@example.com", "\u{e9}\r\nBcc: evil@example.com",
            "x\u{2028}Bcc: evil@example.com", "x\u{85}Bcc: evil@example.com",
            "x\0\r\n Bcc: e@e.com",
            "\" <evil@example.com>, \"", "=?utf-8?q?=0d=0aBcc:_e@e.com?=",
        ])
    func headerInjection(_ text: String) throws {
        let peer = try Peer()
        var configuration = try peer.configuration()
        configuration.from.name = text
        _ = try SMTPMailer(configuration).deliver(mail(name: text, subject: text))
        peer.waitForEnd()
        let parts = peer.plain.components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "DATA\r\n")[1].components(separatedBy: "\r\n")
        let names = lines.filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
        #expect(
            names == [
                "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted",
                "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
                "Content-Transfer-Encoding",
            ])
        #expect(count("RCPT TO", in: peer.plain) == 1)
    }

    @Test("with mail.bounces each mail has a sender of its own, and From stays")
    func senders() throws {
        let peer = try Peer()
        var configuration = try peer.configuration()
        configuration.bounces = try BounceAddress(parsing: "Bounces@return.example.org")
        let id = "00112233445566778899aabbccddeeff"
        _ = try SMTPMailer(configuration).deliver(mail(id: id))
        peer.waitForEnd()
        #expect(peer.plain.contains("\r\nMAIL FROM:<bounces+\(id)@return.example.org>\r\n"))
        #expect(peer.plain.contains("\r\nFrom: Example sign-in <login@example.org>\r\n"))
    }

    @Test("a probe signs in and names nobody")
    func probe() throws {
        let peer = try Peer("peer.py", "--tls", "starttls", "--auth", "login:secret")
        try SMTPMailer(peer.configuration(user: "login")).probe()
        peer.waitForEnd()
        let wire = peer.secured
        #expect(wire.contains("AUTH PLAIN AGxvZ2luAHNlY3JldA==\r\nNOOP\r\nQUIT\r\n"))
        for word in ["MAIL", "RCPT", "DATA", "HELP"] { #expect(!wire.contains(word)) }
        #expect(peer.plain == "EHLO example.org\r\nSTARTTLS\r\n")
    }

    /// The connection is closed when this returns.
    private func deliver(
        _ settings: SMTPSettings, _ upload: [UInt8], from: String = "a@example.org",
        to: String = "b@example.org"
    ) throws {
        let errand = SMTPErrand(envelope: (from, to), upload: upload, secret: "")
        _ = try SMTPConnection(settings).run(errand, until: .now + .seconds(10))
    }

    private func count(_ needle: String, in text: String) -> Int {
        text.components(separatedBy: needle).count - 1
    }
}
