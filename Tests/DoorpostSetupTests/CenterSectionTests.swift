import DoorpostCenter
import DoorpostSetup
import Testing

@Suite("A machine that asks a center")
struct CenterSectionTests {
    private static let path = "/etc/doorpost/doorpost.yaml"

    private func read(_ text: String) throws -> Configuration {
        try Configuration.parse(Array(text.utf8), path: Self.path)
    }

    @Test("needs two lines")
    func two() throws {
        let it = try read("server: https://login.example.org\nhost_key: host.key")
        #expect(it.center?.address == CenterAddress(url: "https://login.example.org"))
        #expect(it.center?.keyFile == "/etc/doorpost/host.key")
    }

    @Test("names certificate authorities and a proxy where it must")
    func mapping() throws {
        let it = try read(
            """
            server:
              url: https://login.example.org:8443/door
              ca_file: ca.pem
              proxy: http://Proxy.example:3128
            host_key: /etc/doorpost/host.key
            """)
        #expect(
            it.center?.address
                == CenterAddress(
                    url: "https://login.example.org:8443/door", caFile: "/etc/doorpost/ca.pem",
                    proxy: "http://proxy.example:3128"))
        let bare = try read("server: { url: https://a.example }\nhost_key: k")
        #expect(bare.center?.address == CenterAddress(url: "https://a.example"))
    }

    @Test(
        "asks in clear on itself alone",
        arguments: [
            ("http://127.0.0.1:8425", true), ("http://127.1.2.3", true), ("http://localhost", true),
            ("http://[::1]:8425", true), ("http://login.example.org", false),
            ("http://127.example.org", false), ("http://127.0.0.1.example.org", false),
            ("http://localhost.example.org", false), ("http://128.0.0.1", false),
            ("http://[::2]", false), ("https://128.0.0.1", true),
        ])
    func inClear(url: String, isRight: Bool) {
        let found = problems("server: '\(url)'\nhost_key: k")
        #expect(
            found
                == (isRight
                    ? []
                    : [
                        "doorpost.yaml:1: server: '\(url)' must be https://: a credential and codes "
                            + "are sent there"
                    ]))
    }

    @Test(
        "says what is wrong",
        arguments: [
            WrongFile(
                whole: "server: https://a.example",
                "1: server: needs host_key, too: a file with what 'doorpost host add NAME' printed"),
            WrongFile(
                whole: "issuer: https://a.example\nmail: { from: a@b.example }\nhost_key: k",
                "3: host_key: needs server, too: the central Doorpost that it is for"),
            WrongFile(
                whole: "server: https://a.example\nhost_key: k\nstore: sqlite:x.db",
                "3: store: must not be set together with server: the users are there"),
            WrongFile(
                whole: "server: a.example\nhost_key: k",
                "1: server: 'a.example' is not a web address"),
            WrongFile(
                whole: "server: https://a.example/\nhost_key: k",
                "1: server: 'https://a.example/' must not end in '/'"),
            WrongFile(
                whole: "server: https://a.example?x\nhost_key: k",
                "1: server: 'https://a.example?x' must hold no query"),
            WrongFile(whole: "server:\n  ca_file: x\nhost_key: k", "2: server.url: must be set"),
            WrongFile(
                whole: "server: { url: https://a.example, caFile: x }\nhost_key: k",
                "1: unknown key 'caFile' under 'server' (did you mean 'ca_file'?)"),
            WrongFile(
                whole: "server: { url: https://a.example, proxy: socks5://p.example }\nhost_key: k",
                "1: server.proxy: 'socks5://p.example' is not a web address"),
            WrongFile(
                whole: "server: [https://a.example, https://b.example]\nhost_key: k", "1: server"),
        ])
    func wrong(file: WrongFile) {
        let found = problems(file.text)
        #expect(found.count == file.lines.count, "\(found)")
        for (line, expected) in zip(found, file.lines) {
            #expect(line.hasPrefix(expected), "\(line)")
        }
    }

    @Test("shows no password of a proxy")
    func proxyPassword() {
        let found = problems(
            "server: { url: https://a.example, proxy: 'http://u:hunter2@p.example' }\nhost_key: k")
        #expect(found.count == 1 && !found.joined().contains("hunter2"))
    }

    @Test("shows what holds there, as a file of the same meaning")
    func shown() throws {
        for server in [
            "https://a.example", "{ url: https://a.example, ca_file: ca.pem }",
            "{ url: https://a.example, proxy: 'http://p.example:3128' }",
        ] {
            let first = try read(
                "server: \(server)\nhost_key: k\nrun_as: nobody\npam: { deadline: 1m, prompt: 'C: ' }"
            )
            let shown = Setting.yaml(first.settings)
            #expect(try read(shown) == first)
            #expect(!shown.contains("issuer") && !shown.contains("mail"), "\(shown)")
        }
    }

    @Test("has no users of its own")
    func elsewhere() throws {
        let host = try read("server: https://a.example\nhost_key: k")
        do {
            try host.requireOwnUsers()
            Issue.record("not refused")
        } catch {
            #expect(
                error.lines == [
                    "\(Self.path): the users of this machine are at https://a.example (server): do "
                        + "it there"
                ])
        }
        try parse().requireOwnUsers()
    }
}
