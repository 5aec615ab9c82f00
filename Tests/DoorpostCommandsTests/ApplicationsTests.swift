import DoorpostSetup
import Testing

@testable import DoorpostHTTP

@Suite("http.applications")
struct ApplicationsTests {
    private static let hosts = [
        "https://app.example.org", "https://App.Example.org:443", "http://app.example.org:80",
        "http://127.0.0.1:8080", "https://[::1]", "https://127.1", "https://a_b.example",
        "https://a.example:0443", "https://a.example:", "https://a..example",
        "https://me@a.example",
        "https://\u{e4}.example", "https://%61.example", "https://4.example", "https://a.example.",
    ]
    private static let paths = [
        "", "/", "/wiki", "/wiki/", "/a/b", "//", "/a//b", "/./a", "/a/..", "/a/../b", "/%41",
        "/a%2fb",
        "/~x", "/a;b=c", "/a'b", "/a@b", "/...", "/a\\b", "/a?b", "/a#b", "/a b", "/a|b",
    ]

    /// Two readers of the same text: what one lets into the configuration, the other matches.
    @Test("are taken only if ?continue= can lead there", arguments: hosts, paths)
    func matched(host: String, path: String) throws {
        let text = """
            issuer: https://a.example
            mail: { from: a@b.example }
            http: { applications: ["\(host)\(path.replacing("\\", with: "\\\\"))"] }
            """
        guard let it = try? Configuration.parse(Array(text.utf8), path: "doorpost.yaml") else {
            return
        }
        let kept = try #require(it.http.applications.first)
        let application = try #require(ApplicationURL(kept), "\(kept)")
        #expect(application.covers(application))
        #expect(ApplicationURL(host + path).map { application.covers($0) } ?? true)
    }
}
