import Testing

@testable import DoorpostHTTP

@Suite("The name in a request's Host")
struct HostPolicyTests {
    private let policy = HostPolicy(
        HTTPSettings(
            issuer: "https://login.example.org/door", host: "login.example.org",
            names: ["door.lan"], corsOrigins: ["https://page.example.org:8443"],
            applications: ["https://app.example.org/wiki"]))

    @Test(
        "is good if the configuration knows it, or it is an address",
        arguments: [
            nil, "login.example.org", "login.example.org:8425", "LOGIN.Example.ORG",
            "login.example.org.", "door.lan", "page.example.org", "app.example.org:443",
            "localhost", "localhost:8425", "127.0.0.1", "127.0.0.1:8425", "10.1.2.3", "[::1]",
            "[::1]:8425", "[fe80::1]", "192.0.2.7:80", "doorpost", "doorpost:8425",
        ])
    func known(_ host: String?) {
        #expect(policy.isKnown(host))
    }

    @Test(
        "is refused otherwise",
        arguments: [
            "", "evil.example", "evil.example:8425", "login.example.org.evil.example",
            "xlogin.example.org", "example.org", "login.example.org@evil.example",
            "login.example.org..", "login.example.org:8425:1", "login.example.org:x", "::1",
            "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.0/8", "[::1", "[::1]x",
            "lo\u{212a}alhost", "app.example.org/wiki", "127.0.0.1 ", ".", "[]",
        ])
    func unknown(_ host: String) {
        #expect(!policy.isKnown(host))
    }
}
