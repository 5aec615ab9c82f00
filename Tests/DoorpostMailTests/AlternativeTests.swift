import DoorpostCore
import Foundation
import Testing

@testable import DoorpostMail

@Suite("A mail with an HTML part")
struct AlternativeTests {
    private func encode(_ message: MailMessage) throws -> String {
        let encoder = MessageEncoder(from: try MailSender(parsing: "login@example.org"))
        return String(decoding: try encoder.encode(message), as: UTF8.self)
    }

    /// Type and content of each part, as Python's mail parser finds them; it must find no fault.
    private func parts(_ mail: String) throws -> [[String]] {
        let file = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).eml"
        try Data(mail.utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let parsed = try Peer("parsed.py", file).facts
        #expect(parsed["defects"] as? [String] == [])
        return try #require(parsed["parts"] as? [[String]])
    }

    @Test("to the byte, and the same at every try")
    func golden() throws {
        let message = try mail(html: "<p>Your code is <b>1234 5678</b></p>\n", id: "0192abc")
        let text = try encode(message)
        let end = """
            MIME-Version: 1.0
            Content-Type: multipart/alternative;
             boundary="=_0192abc"

            --=_0192abc
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 7bit

            Your code is 1234 5678

            --=_0192abc
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: 7bit

            <p>Your code is <b>1234 5678</b></p>

            --=_0192abc--

            """
        #expect(text.hasSuffix("\r\n" + end.replacing("\n", with: "\r\n")))
        #expect(try encode(message) == text)
        #expect(
            try parts(text) == [
                ["text/plain", "Your code is 1234 5678\n"],
                ["text/html", "<p>Your code is <b>1234 5678</b></p>\n"],
            ])
    }

    @Test(
        "nothing in a part ends it",
        arguments: [
            "--=_0192abc\n", "--=_0192abc--\n", "a\n--=_0192abc--\nb\n", "=_\n",
            "Grüße =_0192abc\n",
            ".\n", "\n\n", "Content-Type: text/html\n\n--=_0192abc\n",
        ])
    func boundaries(_ text: String) throws {
        let encoded = try encode(mail(text: text, html: "<p>\(text)</p>\n", id: "0192abc"))
        #expect(
            try parts(encoded) == [["text/plain", text], ["text/html", "<p>\(text)</p>\n"]])
        // Alone, the same text is written as in a part.
        #expect(try parts(encode(mail(text: text))) == [["text/plain", text]])
    }

    @Test("the longest Message-ID makes a boundary that is allowed")
    func longID() throws {
        let id = String(repeating: "a", count: 128)
        let encoded = try encode(mail(html: "<p>1</p>\n", id: id))
        #expect(try parts(encoded).count == 2)
        #expect(encoded.contains("\r\n boundary=\"=_\(String(repeating: "a", count: 60))\"\r\n"))
    }
}
