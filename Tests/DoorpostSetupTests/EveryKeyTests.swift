import DoorpostCore
import DoorpostSetup
import Testing

@Suite("Every key")
struct EveryKeyTests {
    static let full = """
        issuer: https://login.example.org/door
        pool: eu-1_Staff
        store: sqlite:data/doorpost.db
        keys: keys
        run_as: nobody
        mail:
          from: "Example sign-in <login@example.org>"
          bounces: Bounces@example.org
          transport: smtp://mail.example.org:587
          username: door
          password_file: relay-password
          tls: required
          ca_file: /etc/ssl/our-ca.pem
        code: { alphabet: letters, length: 10, lifetime: 10m, attempts: 5, resend_after: 0s }
        limits:
          mails_per_address: 3/10m
          failures_per_account: [4/h, 6/d]
          starts_per_source: 7/m
          failures_per_source: [8/30s]
          failures_total: 9/24h
          mails_total: 11/1d
        signup: [Example.org, example.net]
        tokens: { algorithm: EdDSA, id: 10m, access: 5m, refresh: 12h, refresh_grace: 0s }
        http:
          listen: "[::]:443"
          trusted_proxies: [10.0.0.0/8, "::1"]
          cors_origins: https://app.example.org
          applications: ["https://wiki.example.org/signed-in"]
          tls_certificate: cert.pem
          tls_key: /etc/key.pem
        pam: { session_lifetime: 1h, session_directory: sessions, deadline: 2m, prompt: "Code, bitte: " }
        triggers:
          define_auth_challenge: triggers/define
          create_auth_challenge:
            command: [/usr/libexec/doorpost/lambda-node, create.js, "a b", "7"]
            environment: { MAIL_FROM: login@example.org, DEPTH: 3, WHERE: "a: b" }
            runners: 2
          verify_auth_challenge_response: { command: verify }
          pre_token_generation: { command: [/x/tokens], version: 2 }
        """

    @Test("is read, and written back as it was read")
    func roundTrip() throws {
        let path = "/srv/door/doorpost.yaml"
        let first = try Configuration.parse(Array(Self.full.utf8), path: path)
        let shown = Setting.yaml(first.settings)
        let second = try Configuration.parse(Array(shown.utf8), path: path)
        #expect(first == second)
    }

    @Test(
        "with addresses is kept as browsers write them",
        arguments: [
            ("https://app.example.org:443", "https://app.example.org"),
            ("http://app.example.org:80", "http://app.example.org"),
            ("http://app.example.org:443", "http://app.example.org:443"),
            ("https://app.example.org:08443", "https://app.example.org:8443"),
            ("HTTPS://App.Example.ORG", "https://app.example.org"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://4.example.org", "https://4.example.org"),
            ("https://app.1st", "https://app.1st"),
            ("https://[2001:DB8:0:0::1]:443", "https://[2001:db8::1]"),
        ])
    func addresses(_ written: String, _ kept: String) throws {
        func read(_ http: String) throws -> HTTPSection {
            try Configuration.parse(
                Array("issuer: https://a.example\nmail: { from: a@b.c }\nhttp: { \(http) }".utf8),
                path: "doorpost.yaml"
            ).http
        }
        #expect(try read("cors_origins: '\(written)'").corsOrigins == [kept])
        guard !written.contains("[") else { return }
        for path in ["", "/", "/Wiki/", "/a/b"] {
            #expect(
                try read("applications: '\(written)\(path)'").applications == ["\(kept)\(path)"])
        }
    }

    /// As it was written: it holds no password, and `config show` and the log may show it.
    @Test("names a PostgreSQL by its URL")
    func postgres() throws {
        let url = "postgres://doorpost@db.example.org/doorpost?passfile=/etc/doorpost/pgpass"
        let text = "issuer: https://a.example\nmail: { from: a@b.c }\nstore: '\(url)'"
        let it = try Configuration.parse(Array(text.utf8), path: "/srv/door/doorpost.yaml")
        #expect(it.store.description == url)
        guard case .postgres = it.store else {
            Issue.record("\(it.store)")
            return
        }
    }

    @Test("lands where it belongs")
    func values() throws {
        let it = try Configuration.parse(Array(Self.full.utf8), path: "/srv/door/doorpost.yaml")
        #expect(it.issuer == "https://login.example.org/door")
        #expect(it.pool == "eu-1_Staff")
        #expect(it.store == .sqlite(path: "/srv/door/data/doorpost.db"))
        #expect(it.keys == "/srv/door/keys")
        #expect(it.secretFile == "/srv/door/keys/secret.key")
        #expect(it.runAs == "nobody")
        #expect(it.mail.bounceAddress?.canonical == "bounces@example.org")
        #expect(it.mail.username == "door")
        #expect(it.mail.passwordFile == "/srv/door/relay-password")
        #expect(it.mail.caFile == "/etc/ssl/our-ca.pem")
        #expect(it.mail.transportText == "smtp://mail.example.org:587")
        #expect(
            it.code
                == CodePolicy(
                    alphabet: .letters, length: 10, lifetime: .minutes(10), attempts: 5,
                    resendAfter: .seconds(0)))
        #expect(it.limits.mailsPerAddress == [Rate(3, per: .minutes(10))])
        #expect(it.limits.failuresPerAccount == [Rate(4, per: .hours(1)), Rate(6, per: .days(1))])
        #expect(it.limits.startsPerSource == [Rate(7, per: .minutes(1))])
        #expect(it.limits.failuresPerSource == [Rate(8, per: .seconds(30))])
        #expect(it.limits.failuresTotal == [Rate(9, per: .days(1))])
        #expect(it.limits.mailsTotal == [Rate(11, per: .days(1))])
        #expect(it.signup == .domains(["example.org", "example.net"]))
        #expect(it.tokens.id == .minutes(10))
        #expect(it.tokens.access == .minutes(5))
        #expect(it.tokens.refresh == .hours(12))
        #expect(it.tokens.refreshGrace == .seconds(0))
        #expect(it.http.listen == NetworkAddress(host: "::", port: 443))
        #expect(it.http.trustedProxies == ["10.0.0.0/8", "::1"])
        #expect(it.http.corsOrigins == ["https://app.example.org"])
        #expect(it.http.applications == ["https://wiki.example.org/signed-in"])
        #expect(it.http.tlsCertificate == "/srv/door/cert.pem")
        #expect(it.http.tlsKey == "/etc/key.pem")
        #expect(it.pam.sessionLifetime == .hours(1))
        #expect(it.pam.sessionDirectory == "/srv/door/sessions")
        #expect(it.pam.deadline == .minutes(2))
        #expect(it.pam.prompt == "Code, bitte: ")
    }
}
