import DoorpostCore
import Foundation
import Testing

@testable import DoorpostMail

@Suite("Mails that come back")
struct BounceTests {
    static let id = MailID("00112233445566778899aabbccddeeff")

    private static func file(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Support/bounces")
        return Array(try Data(contentsOf: folder.appending(path: name)))
    }

    private func read(_ text: String, deliveredTo: [String] = []) -> BounceNotice? {
        BounceReader.read(Array(text.utf8), deliveredTo: deliveredTo)
    }

    @Test(
        "of other mail servers are understood",
        arguments: [
            (
                "postfix.dsn", ["alice@refused.example"], "failed",
                "550 5.1.1 <alice@refused.example>: Recipient address rejected: "
                    + "User unknown in virtual mailbox table"
            ),
            (
                "exchange.dsn", ["alice@contoso.example"], "failed",
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient alice@contoso.example "
                    + "not found by SMTP address lookup"
            ),
            (
                "gmail.dsn", ["alice@gone.example"], "failed",
                "550-5.1.1 The email account that you tried to reach does not exist."
            ),
            (
                "headers-only.dsn", ["alice@example.net", "al@inner.example.net"], "failed",
                "452 4.2.2 mailbox full"
            ),
            (
                "postfix-full.dsn", ["alice@refused.example"], "failed",
                "552 5.2.2 <alice@refused.example> Quota exceeded (mailbox for user is full)"
            ),
            (
                "postfix-policy.dsn", ["alice@refused.example"], "failed",
                "550 5.7.1 Our system has detected that this message is likely unsolicited mail"
            ),
            (
                "postfix-delayed.dsn", ["alice@refused.example"], "delayed",
                "450 4.2.0 <alice@refused.example>: Recipient address rejected: Greylisted"
            ),
        ])
    func corpus(_ name: String, _ addresses: [String], _ action: String, _ reason: String) throws {
        let notice = try #require(BounceReader.read(Self.file(name), deliveredTo: []))
        #expect(notice.mails == [Self.id])
        let recipient = try #require(notice.recipients.first)
        #expect(notice.recipients.count == 1)
        #expect(recipient.addresses.map(\.canonical).uniqued == addresses)
        #expect(recipient.action.rawValue == action)
        #expect(recipient.reason.hasPrefix(reason))
    }

    /// A report with these fields about a recipient and these lines in its head.
    private func report(
        _ status: String = "Final-Recipient: rfc822; a@example.net\nAction: failed\n",
        head: String = "To: <x+00112233445566778899aabbccddeeff@example.org>\n",
        returned: String = ""
    ) -> String {
        """
        \(head)Content-Type: multipart/report; boundary="b"

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.net

        \(status)
        --b
        Content-Type: text/rfc822-headers

        \(returned)
        --b--
        """
    }

    @Test(
        "name the mail by the address they come to, or by the mail that they return",
        arguments: [
            ("To: x+00112233445566778899AABBCCDDEEFF@example.org\n", "", [], 1),
            ("To: A <x+y+00112233445566778899aabbccddeeff@example.org>\n", "", [], 1),
            ("X-Original-To: x+00112233445566778899aabbccddeeff@example.org\n", "", [], 1),
            ("", "Message-ID: <00112233445566778899aabbccddeeff@example.org>\n", [], 1),
            ("", "", ["x+00112233445566778899aabbccddeeff@example.org"], 1),
            ("", "", ["+00112233445566778899aabbccddeeff@"], 1),
            ("To: x+0112233445566778899aabbccddeeff@example.org\n", "", [], 0),
            ("To: x+00112233445566778899aabbccddeeff0@example.org\n", "", [], 0),
            ("To: x+00112233445566778899aabbccddeefg@example.org\n", "", [], 0),
            ("From: x+00112233445566778899aabbccddeeff@example.org\n", "", [], 0),
            ("", "Message-ID: 00112233445566778899aabbccddeeff@example.org\n", [], 0),
            ("", "Message-ID: <x00112233445566778899aabbccddeeff@example.org>\n", [], 0),
        ] as [(String, String, [String], Int)])
    func ids(_ head: String, _ returned: String, _ deliveredTo: [String], _ count: Int) {
        let notice = read(report(head: head, returned: returned), deliveredTo: deliveredTo)
        #expect(notice?.mails == Array(repeating: Self.id, count: count))
    }

    @Test("of several mails named, four are looked at, those of the address first")
    func manyIDs() {
        let many = (0..<20).map { "To: x+\(String(repeating: "\($0 % 10)", count: 32))@e.org\n" }
        let returned = "Message-ID: <\(Self.id)@example.org>\n"
        let notice = read(report(head: many.joined(), returned: returned))
        #expect(notice?.mails.map { $0.text.prefix(1) } == ["0", "1", "2", "3"])
    }

    @Test(
        "are no reports unless they say of an address what became of it",
        arguments: [
            "", "Action: failed\n", "Final-Recipient: rfc822; a@example.net\n",
            "Final-Recipient: rfc822; a@example.net\nAction: exploded\n",
            "Final-Recipient: rfc822; not an address\nAction: failed\n",
            "Final-Recipient: x400; /S=a/\nAction: failed\n",
            "Final-Recipient: rfc822; a@example.net\n\nAction: failed\n",
        ])
    func incomplete(_ status: String) {
        #expect(read(report(status)) == nil)
    }

    @Test(
        "whatever the other side says, the reason is one short line of ASCII",
        arguments: [
            ("", "no reason given"), ("Status: 5.1.1\n", "status 5.1.1"),
            ("Diagnostic-Code: smtp; 550 \u{1b}[31mred\u{7}\u{202e}\n", "550 [31mred"),
            ("Diagnostic-Code: smtp;\n 550\n\ta\u{e9}b\n", "550 a\\xc3\\xa9b"),
            ("Diagnostic-Code: 550 no type; but more\n", "550 no type; but more"),
            (
                "Diagnostic-Code: smtp; \(String(repeating: "x", count: 5000))\n",
                String(repeating: "x", count: 200)
            ),
        ])
    func reasons(_ line: String, _ reason: String) {
        let status = "Final-Recipient: rfc822; a@example.net\nAction: failed\n"
        #expect(read(report(status + line))?.recipients.first?.reason == reason)
    }

    @Test("that are mails about mails are not believed")
    func quoted() {
        let inner = report()
        let outer = """
            Content-Type: multipart/mixed; boundary=o

            --o
            Content-Type: message/rfc822

            \(inner)
            --o--
            """
        #expect(read(outer) == nil)
        #expect(
            read("Subject: I was away\n\nFinal-Recipient: rfc822; a@b.c\nAction: failed\n") == nil)
        #expect(read("") == nil)
    }

    @Test("are found in multiparts of eight, not of more")
    func depth() {
        func wrapped(_ count: Int) -> String {
            (0..<count).reduce(report(head: "")) { inner, number in
                "Content-Type: multipart/mixed; boundary=n\(number)\n\n--n\(number)\n\(inner)\n"
                    + "--n\(number)--\n"
            }
        }
        #expect(read(wrapped(7)) != nil)
        #expect(read(wrapped(8)) == nil)
        #expect(read(wrapped(3000)) == nil)
    }

    @Test("that are cut off or broken anywhere are read without a crash")
    func broken() throws {
        var generator = SystemRandomNumberGenerator()
        for name in ["postfix.dsn", "exchange.dsn", "gmail.dsn", "headers-only.dsn"] {
            let whole = try Self.file(name)
            for end in stride(from: 0, to: whole.count, by: 7) {
                _ = BounceReader.read(Array(whole[..<end]), deliveredTo: [])
            }
            for _ in 0..<500 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...20, using: &generator) {
                    let index = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[index] =
                        [0, 10, 13, 32, 34, 45, 58, 59, 61, 92, 255].randomElement() ?? 0
                }
                for recipient in BounceReader.read(bytes, deliveredTo: [])?.recipients ?? [] {
                    #expect(recipient.reason.utf8.allSatisfy { (0x20...0x7e).contains($0) })
                    #expect(recipient.reason.utf8.count <= 200)
                }
            }
        }
    }

    @Test(
        "that are long take time by their length, not by its square",
        arguments: ["\n", ":\n", "a", "--b\n", " \n", "a: b\n", "\"", ";", "Action: failed\n\n"])
    func large(_ piece: String) {
        let start = ContinuousClock.now
        let much = String(repeating: piece, count: (1 << 17) / piece.utf8.count)
        _ = read(much)
        _ = read("Content-Type: multipart/report; boundary=\(much)\n\n--b")
        _ = read(report(much))
        _ = read(report(returned: much))
        // Under one second on an idle machine, even in a debug build.
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}

extension [String] {
    /// The same text only once.
    fileprivate var uniqued: [String] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
