import DoorpostCore
import Testing

@testable import DoorpostMail

@Suite("Encoding a mail")
struct EncoderTests {
    private func encode(
        _ message: MailMessage, from: String = "Example sign-in <login@example.org>"
    ) throws -> String {
        let encoder = MessageEncoder(from: try MailSender(parsing: from))
        return String(decoding: try encoder.encode(message), as: UTF8.self)
    }

    @Test("a plain mail, to the byte")
    func golden() throws {
        let lines = [
            "Date: Sat, 21 Nov 2026 07:30:06 +0000",
            "From: Example sign-in <login@example.org>",
            "To: Alice <alice@example.net>",
            "Subject: Your code",
            "Message-ID: <0192-abc@example.org>",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 7bit",
            "",
            "Your code is 1234 5678",
            "",
        ]
        #expect(try encode(mail()) == lines.joined(separator: "\r\n"))
    }

    @Test("a mail in other letters, to the byte")
    func goldenUnicode() throws {
        let message = try mail(
            name: "Zoë \"Z\" Ø", subject: "Ihr Code für die Anmeldung bei „Beispiel“ über SSH",
            text: "Grüße = ok \n" + String(repeating: "ü", count: 30) + "\n@example.org #1\n")
        let text = try encode(message, from: "a@example.org")
        #expect(text.contains("\r\nFrom: a@example.org\r\n"))
        #expect(
            text.contains("\r\nTo: =?utf-8?Q?Zo=C3=AB_=22Z=22_=C3=98?= <alice@example.net>\r\n"))
        #expect(
            text.contains(
                "\r\nSubject: =?utf-8?Q?Ihr_Code_f=C3=BCr_die_Anmeldung_bei_=E2=80=9EBeispiel?="
                    + "\r\n =?utf-8?Q?=E2=80=9C_=C3=BCber_SSH?=\r\n"))
        #expect(
            text.hasSuffix(
                "quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe =3D ok=20\r\n"
                    + String(repeating: "=C3=BC", count: 12) + "=C3=\r\n=BC"
                    + String(repeating: "=C3=BC", count: 11) + "=C3=BC=\r\n"
                    + String(repeating: "=C3=BC", count: 5) + "\r\n@example.org #1\r\n"))
    }

    @Test(
        "display names are bare, quoted, or encoded",
        arguments: [
            ("Alice B. Smith", "\"Alice B. Smith\" <"), ("Smith, Alice", "\"Smith, Alice\" <"),
            ("a\"b\\c", "\"a\\\"b\\\\c\" <"), ("Alice", "Alice <"), ("", ""), (" \r\n\u{7f} ", ""),
            ("evil@example.com", "\"evil@example.com\" <"), ("=?utf-8?Q?x?=", "=?utf-8?Q?=3D=3F"),
            ("a\u{202e}b", "a b <"), ("a\u{2066}b\u{feff}c", "a b c <"), ("a\tb", "a b <"),
        ])
    func names(_ name: String, _ start: String) throws {
        let line = try encode(mail(name: name)).split(separator: "\r\n").first {
            $0.hasPrefix("To: ")
        }
        let value = try #require(line).dropFirst(4)
        #expect(value.hasPrefix(start.isEmpty ? "alice@example.net" : start))
    }

    @Test("hostile text never breaks the frame of a mail")
    func hostile() throws {
        let bits: [String] = [
            "\r", "\n", "\r\n", ".", "\0", " ", "\t", "=", "=?utf-8?Q?", "?=", "<", ">", "\"", "\\",
            "é", "\u{2028}", "\u{85}", "\u{202e}", "👩‍👩‍👧", "Bcc: e@e.com", "x", "\u{1b}[0m",
            String(repeating: "y", count: 200), "\u{10ffff}", "\u{0301}", "From ", "\r\n.\r\n",
        ]
        for _ in 0..<3000 {
            let pick = {
                (0..<Int.random(in: 0..<12)).map { _ in bits.randomElement() ?? "" }.joined()
            }
            let text = try encode(mail(name: pick(), subject: pick(), text: pick()))
            let bytes = Array(text.utf8)
            #expect(bytes.suffix(2) == [13, 10])
            for (index, byte) in bytes.enumerated() {
                guard byte < 0x20 || byte > 0x7e else { continue }
                let isEnd =
                    byte == 13 && bytes[index + 1] == 10 || byte == 10 && bytes[index - 1] == 13
                #expect(isEnd || byte == 9)
            }
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.allSatisfy { $0.utf8.count <= 78 })
            let header = lines.prefix { !$0.isEmpty }
            #expect(header.filter { !$0.hasPrefix(" ") }.count == 10)
            #expect(!header.contains { $0.hasPrefix("Bcc") })
        }
    }

    @Test(
        "a Message-ID is refused unless it is plain",
        arguments: ["", "a b", "a>", "a\r\nBcc: x", "a@b", "é", "a..b", ".a", "a\0"])
    func messageIDs(_ id: String) throws {
        let message = try mail(id: id)
        #expect(throws: MailError(.invalidMessage, "")) { try encode(message) }
    }

    @Test(
        "dates",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 +0000"),
            (253_402_300_800, nil), (Int64.max, nil), (Int64.min, nil),
        ] as [(Int64, String?)])
    func dates(_ seconds: Int64, _ text: String?) {
        #expect(InternetDate.text(seconds) == text)
    }
}
