import DoorpostCore
import DoorpostMail
import DoorpostSetup
import Testing

@Suite("Defaults are those of CONTRACT.md")
struct DefaultsTests {
    @Test("what is not set has the documented value")
    func defaults() throws {
        let shown = Setting.yaml(try parse().settings)
        #expect(
            shown == """
                issuer: https://login.example.org
                pool: local_Main
                store: sqlite:/var/lib/doorpost/doorpost.db
                keys: /var/lib/doorpost/keys
                mail:
                  from: login@example.org
                  transport: smtp://127.0.0.1:25
                  tls: opportunistic
                code:
                  alphabet: digits
                  length: 8
                  lifetime: "5m"
                  attempts: 3
                  resend_after: "1m"
                limits:
                  mails_per_address: ["5/h", "20/d"]
                  failures_per_account: ["10/d"]
                  starts_per_source: ["20/h"]
                  failures_per_source: ["30/h"]
                  failures_total: ["1000/d"]
                  mails_total: ["1000/h"]
                signup: closed
                tokens:
                  algorithm: ES256
                  id: "1h"
                  access: "1h"
                  refresh: "30d"
                  refresh_grace: "30s"
                http:
                  listen: "127.0.0.1:8425"
                  trusted_proxies: []
                  cors_origins: []
                  applications: []
                pam:
                  session_lifetime: "12h"
                  session_directory: /run/doorpost/sessions
                  deadline: "100s"

                """)
    }

    @Test("code and limits are the domain's own standard")
    func policies() throws {
        let configuration = try parse()
        #expect(configuration.code == .standard)
        #expect(configuration.limits == .standard)
        // Who relies on an id token knows this Doorpost by its issuer.
        var policy = FlowPolicy()
        policy.web.audience = "https://login.example.org"
        #expect(configuration.flowPolicy == policy)
        #expect(configuration.runAs == nil)
        #expect(configuration.pam.prompt == nil)
    }

    @Test("a relay elsewhere must speak TLS unless somebody says no")
    func tls() throws {
        func tls(_ mail: String) -> String {
            let text = "issuer: https://a.example\nmail: { from: a@b.example, \(mail) }"
            let configuration = try? Configuration.parse(Array(text.utf8), path: "x")
            return configuration?.mail.tls.rawValue ?? "refused"
        }
        #expect(tls("transport: 'smtp://relay.example:587'") == "required")
        #expect(tls("transport: 'smtps://relay.example'") == "required")
        #expect(tls("transport: 'smtp://[::1]:25'") == "opportunistic")
        #expect(tls("transport: 'smtp://relay.example:25', tls: none") == "none")
        #expect(tls("transport: 'smtps://relay.example', tls: none") == "refused")
    }
}
