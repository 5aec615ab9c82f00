import Testing

@testable import DoorpostHTTP

@Suite("Addresses that a person may be sent on to")
struct ApplicationURLTests {
    private func isCovered(_ url: String, by application: String) throws -> Bool {
        let application = try #require(ApplicationURL(application))
        guard let url = ApplicationURL(url) else { return false }
        return application.covers(url)
    }

    @Test(
        "lie in the application: same origin, its path or below",
        arguments: [
            ("https://app.example.org", "https://app.example.org"),
            ("https://app.example.org/", "https://app.example.org/any/path?x=1#y"),
            ("https://app.example.org:443", "https://app.example.org/a"),
            ("https://app.example.org/wiki", "https://app.example.org/wiki"),
            ("https://app.example.org/wiki", "https://app.example.org/wiki/page?q=a"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/x"),
        ])
    func covered(application: String, url: String) throws {
        #expect(try isCovered(url, by: application))
    }

    @Test(
        "of other places, or that programs read in different ways, are refused",
        arguments: [
            "//evil.example", "/\\evil.example", "https:evil.example", "https:/evil.example",
            "https:///evil.example", "https://app.example.org.evil.example/",
            "https://app.example.org@evil.example/", "https://user:pw@app.example.org/wiki",
            "https://evil.example\\@app.example.org/wiki", "https://app.example.org:444/wiki",
            "http://app.example.org/wiki", "https://APP.example.org/wiki",
            "https://app.example.org/wikipedia", "https://app.example.org/wiki/../admin",
            "https://app.example.org/wiki/./x", "https://app.example.org/wiki/%2e%2e/admin",
            "https://app.example.org/wiki%2f..%2fadmin", "https://app.example.org//wiki",
            "https://app.example.org/wiki//x", "javascript:alert(1)",
            "JaVaScRiPt:alert(1)", "data:text/html,x", "\thttps://app.example.org/wiki",
            "https://app.example.org/wiki\n", "https://app.example.org/wiki\u{0}",
            "https://app.example.org/ wiki", "https://app\u{3002}example.org/wiki",
            "https://ａpp.example.org/wiki", "https://app.example.org./wiki",
            "https://[::1]/wiki", "https://app.example.org:/wiki",
            "https://app.example.org:99999/wiki", "https://-app.example.org/wiki", "",
            "https://", "https://app.example.org\\.evil.example/wiki",
        ])
    func refused(url: String) throws {
        #expect(try !isCovered(url, by: "https://app.example.org/wiki"))
    }

    @Test("are given out in one spelling")
    func spelling() throws {
        #expect(
            ApplicationURL("https://app.example.org:443")?.text == "https://app.example.org/")
        #expect(
            ApplicationURL("http://a.example:8080/x?y#z")?.text == "http://a.example:8080/x?y#z")
    }
}
