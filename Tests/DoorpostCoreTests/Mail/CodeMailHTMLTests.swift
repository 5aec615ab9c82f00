import Testing

@testable import DoorpostCore

@Suite("The HTML part of a code's mail")
struct CodeMailHTMLTests {
    private func mail(service: String = "sshd", source: String = "192.0.2.7") -> CodeMailHTML {
        CodeMailHTML(
            code: "90909123", service: service, host: "login.example.org", source: source,
            askedAt: "2026-11-21 10:35", expiresAt: "2026-11-21 10:40")
    }

    @Test("shows the code once, as one word")
    func code() {
        let parts = mail().html().components(between: "90909123")
        #expect(parts.count == 2)
        #expect(parts.first?.hasSuffix("white-space:nowrap;\">") == true)
        #expect(parts.last?.hasPrefix("</span>") == true)
    }

    @Test(
        "says what the text part says",
        arguments: [
            "Your sign-in code:", ">sshd</strong>", ">login.example.org</strong>", "192.0.2.7",
            "2026-11-21 10:35 UTC", "2026-11-21 10:40 UTC, or once it is used",
            "Never give this code to anyone:", "nobody who helps you needs it.",
            "If you did not ask for it, somebody typed your name or address. Without the code they "
                + "cannot get in; tell your administrator if it goes on.",
        ])
    func words(expected: String) {
        #expect(mail().html().contains(expected))
    }

    @Test(
        "links to nothing and fetches nothing",
        arguments: ["http:", "https:", "href", "src=", "url(", "<img", "<a ", "@import"])
    func inert(forbidden: String) {
        #expect(!mail().html().lowercased().contains(forbidden))
    }

    @Test("escapes what was chosen elsewhere")
    func escaping() {
        let hostile = "\"><a href='x'>&"
        let escaped = "&quot;&gt;&lt;a href=&#39;x&#39;&gt;&amp;"
        #expect(CodeMailHTML.escaped(hostile) == escaped)
        let html = mail(service: hostile, source: hostile).html()
        #expect(!html.contains("<a "))
        #expect(html.components(between: escaped).count == 3)
    }

    @Test("leaves other text as it is", arguments: ["", "login.example.org", "Zoë 日本 \u{301}"])
    func harmless(text: String) {
        #expect(CodeMailHTML.escaped(text) == text)
    }

    @Test("keeps its lines short enough for any mail server")
    func lines() {
        #expect(mail().html().split(separator: "\n").allSatisfy { $0.utf8.count <= 900 })
    }
}

extension String {
    /// The texts between the places where `separator` stands.
    fileprivate func components(between separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
