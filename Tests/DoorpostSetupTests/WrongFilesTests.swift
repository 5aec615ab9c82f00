import DoorpostSetup
import Testing

/// A file that is wrong, and all that is said about it.
struct WrongFile: CustomTestStringConvertible, Sendable {
    var text: String
    var lines: [String]
    var testDescription: String { text }

    /// Below the two lines that every file needs, so its first line is line 3.
    init(_ text: String, _ lines: String...) {
        self.text = "issuer: https://a.example\nmail: { from: a@b.example }\n" + text
        self.lines = lines.map { "doorpost.yaml:\($0)" }
    }

    init(whole text: String, _ lines: String...) {
        self.text = text
        self.lines = lines.map { "doorpost.yaml:\($0)" }
    }
}

@Suite("Wrong files")
struct WrongFilesTests {
    static let files: [WrongFile] = [
        WrongFile(
            "code: { lenght: 8 }", "3: unknown key 'lenght' under 'code' (did you mean 'length'?)"),
        WrongFile(
            whole: "issuer: https://x\nmail: { from: a@b.example, bounces: Bounces <b@c.example> }",
            "2: mail.bounces: \"Bounces <b@c.example>\" is not a plain user@example.org"),
        WrongFile(
            whole: "issuer: https://x\nmail: { from: a@b.example, bounces: b+c@d.example }",
            "2: mail.bounces: \"b+c@d.example\" must have no + of its own"),
        WrongFile(
            whole: "issuer: https://x\nmail: { from: a@b.example, "
                + "bounces: \(String(repeating: "b", count: 32))@c.example }",
            "2: mail.bounces: \"\(String(repeating: "b", count: 32))@c.example\" is too long"),
        WrongFile("isuer: x", "3: unknown key 'isuer' (did you mean 'issuer'?)"),
        WrongFile(
            "tokens:\n  acess: 5m", "4: unknown key 'acess' under 'tokens' (did you mean 'access'?)"
        ),
        WrongFile(
            "pam: { zzzzzz: 1 }",
            "3: unknown key 'zzzzzz' under 'pam' (known here: session_lifetime, "
                + "session_directory, deadline, prompt)"),
        WrongFile("\"a\\eb\": 1", "3: unknown key 'a\\x1bb' (known here: "),
        WrongFile("pool: a_b\npool: a_c", "4: duplicate key 'pool' (first in line 3)"),
        WrongFile(
            "code: { lifetime: 5 }",
            "3: code.lifetime: '5' is not a duration (write 30s, 5m, 12h or 30d)"),
        WrongFile(
            "code: { lifetime: -5m }",
            "3: code.lifetime: '-5m' is not a duration (write 30s, 5m, 12h or 30d)"),
        WrongFile("code: { lifetime: 30s }", "3: code.lifetime: '30s' must be 1m to 10m"),
        WrongFile("code: { lifetime: 11m }", "3: code.lifetime: '11m' must be 1m to 10m"),
        WrongFile("code: { attempts: 0 }", "3: code.attempts: '0' must be 1 to 5"),
        WrongFile("code: { attempts: 6 }", "3: code.attempts: '6' must be 1 to 5"),
        WrongFile("code: { attempts: 3.0 }", "3: code.attempts: '3.0' is not a whole number"),
        WrongFile(
            "code: { length: 5 }",
            "3: code.length: '5' must be 6 to 12 (fewer can be guessed, more cannot be typed)"),
        WrongFile(
            "code: { length: 13 }",
            "3: code.length: '13' must be 6 to 12 (fewer can be guessed, more cannot be typed)"),
        WrongFile("code: { length: [8] }", "3: code.length: must be one value, not a list or keys"),
        WrongFile("code: { length: }", "3: code.length: has no value"),
        WrongFile("code: { alphabet: hex }", "3: code.alphabet: 'hex' must be digits or letters"),
        WrongFile("code: 8", "3: 'code' must hold keys and values (key: value)"),
        WrongFile(
            "limits: { mails_total: 5 }",
            "3: limits.mails_total: '5' is not a rate (write 5/h, 20/d or 3/10m)"),
        WrongFile(
            "limits: { mails_total: 5/w }",
            "3: limits.mails_total: '5/w' is not a rate (write 5/h, 20/d or 3/10m)"),
        WrongFile(
            "limits: { mails_total: 0/h }",
            "3: limits.mails_total: '0/h' must allow between 1 and 1000000 events"),
        WrongFile(
            "limits: { mails_total: 5/2d }",
            "3: limits.mails_total: '5/2d' must be counted over a second to a day"),
        WrongFile(
            "limits: { mails_total: [] }", "3: limits.mails_total: must hold a rate (write 5/h)"),
        WrongFile(
            "limits: { mails_total: [5/h, x] }",
            "3: limits.mails_total: 'x' is not a rate (write 5/h, 20/d or 3/10m)"),
        WrongFile(
            "store: mysql://x",
            "3: store: 'mysql://x' is not a store that this version knows (write sqlite:PATH or postgres://USER@HOST/DATABASE)"
        ),
        WrongFile(
            "store: postgres://ada:s3cret@db.example.org/doorpost",
            "3: store: must hold no password (write it into the file that passfile= names)"),
        WrongFile(
            "pool: main",
            "3: pool: 'main' is not a pool id (write REGION_NAME, for example local_Main)"),
        WrongFile("run_as: a:b", "3: run_as: 'a:b' is not an account name"),
        WrongFile(
            "run_as: root",
            "3: run_as: 'root' must be an account without rights (leave it out to keep who runs)"),
        WrongFile("signup: maybe", "3: signup: 'maybe' must be closed, open or a list of domains"),
        WrongFile(
            "signup: [open, a.example]",
            "3: signup: must be closed, open or a list of domains, not a mixture"),
        WrongFile(
            "tokens: { algorithm: HS256 }",
            "3: tokens.algorithm: 'HS256' must be ES256, RS256 or EdDSA"),
        WrongFile(
            "http: { listen: 8425 }",
            "3: http.listen: '8425' is not an address to listen on (write 127.0.0.1:8425)"),
        WrongFile(
            "http: { listen: '127.0.0.1:65536' }",
            "3: http.listen: '127.0.0.1:65536' is not an address to listen on (write 127.0.0.1:8425)"
        ),
        WrongFile(
            "http: { applications: [wiki] }",
            "3: http.applications: 'wiki' is not a web address (write https://login.example.org)"),
        WrongFile(
            "http: { applications: ['https://a.example/x?y'] }",
            "3: http.applications: 'https://a.example/x?y' must hold no query, fragment or blank"),
        WrongFile(
            "http: { applications: ['https://a.example/x%20y'] }",
            "3: http.applications: 'https://a.example/x%20y' is never matched: an address with '%'"),
        WrongFile(
            "http: { applications: ['https://a.example/x/../y', 'https://a.example//x'] }",
            "3: http.applications: 'https://a.example/x/../y' is never matched: its path",
            "3: http.applications: 'https://a.example//x' is never matched: its path"),
        WrongFile(
            "http: { applications: ['https://[::1]:8443/x'] }",
            "3: http.applications: 'https://[::1]:8443/x' is never matched: write a name"),
        WrongFile(
            "http: { applications: ['https://me:pw@a.example/'] }",
            "3: http.applications: must hold no user name"),
        WrongFile(
            "http: { cors_origins: ['https://*.a.example', 'https://%61.example'] }",
            "3: http.cors_origins: 'https://*.a.example' must name one host: there are no wildcards",
            "3: http.cors_origins: 'https://%61.example' must have its host in plain letters"),
        WrongFile(
            "http: { cors_origins: ['http://127.1:80', 'http://0x7f000001', 'http://1.2.3.4.5'] }",
            "3: http.cors_origins: 'http://127.1:80' must have a name, or an IPv4 address of four",
            "3: http.cors_origins: 'http://0x7f000001' must have a name, or an IPv4 address of",
            "3: http.cors_origins: 'http://1.2.3.4.5' must have a name, or an IPv4 address of"),
        WrongFile(
            "http: { cors_origins: ['null', 'https://a.example:0', 'https://a.example:'] }",
            "3: http.cors_origins: 'null' is not a web address",
            "3: http.cors_origins: 'https://a.example:0' is not a web address",
            "3: http.cors_origins: 'https://a.example:' is not a web address"),
        WrongFile(
            "http: { tls_key: k }",
            "3: http.tls_certificate: must be set too: a certificate and its key belong together"),
        WrongFile(
            "http: { cors_origins: ['https://a.example/'] }",
            "3: http.cors_origins: 'https://a.example/' must be an origin: scheme and host, "
                + "without a path or '/' at its end"),
        WrongFile(
            "http: { trusted_proxies: [10.0.0.0/33] }",
            "3: http.trusted_proxies: '10.0.0.0/33' is not an address or network (write 10.0.0.1 or 10.0.0.0/8)"
        ),
        WrongFile(
            "triggers: { create_auth_challenge: /x }",
            "3: triggers.create_auth_challenge: needs verify_auth_challenge_response, too: one "
                + "asks, the other says what is right"),
        WrongFile(
            "triggers: { verify_auth_challenge_response: /x }",
            "3: triggers.verify_auth_challenge_response: needs create_auth_challenge, too: one "
                + "asks, the other says what is right"),
        WrongFile(
            "triggers:\n  pre_singup: /x",
            "4: unknown key 'pre_singup' under 'triggers' (did you mean 'pre_sign_up'?)"),
        WrongFile(
            "triggers: { pre_sign_up: [/x] }",
            "3: triggers.pre_sign_up: must be one value, not a list or keys"),
        WrongFile("triggers: /x", "3: 'triggers' must hold keys and values (key: value)"),
        WrongFile(
            "triggers: { pre_sign_up: { runners: 2 } }",
            "3: triggers.pre_sign_up.command: must be set: the program and its arguments, in a list"
        ),
        WrongFile(
            "triggers: { pre_sign_up: { command: /x, runners: 0 } }",
            "3: triggers.pre_sign_up.runners: '0' must be 1 to 32 (leave it out for one program an "
                + "event)"),
        WrongFile(
            "triggers: { pre_sign_up: { command: /x, version: 2 } }",
            "3: unknown key 'version' under 'triggers.pre_sign_up' (known here: command, "
                + "environment, runners)"),
        WrongFile(
            "triggers: { pre_token_generation: { command: /x, version: 3 } }",
            "3: triggers.pre_token_generation.version: '3' must be 1 to 2"),
        WrongFile(
            "triggers: { pre_sign_up: { command: /x, environment: { 1A: b, A-B: c, D: [e] } } }",
            "3: triggers.pre_sign_up.environment.1A: is not the name of a variable (letters, "
                + "digits and _)",
            "3: triggers.pre_sign_up.environment.A-B: is not the name of a variable (letters, "
                + "digits and _)",
            "3: triggers.pre_sign_up.environment.D: must be one value, not a list or keys"),
        WrongFile(
            "server: https://a.example",
            "3: server: needs host_key, too: a file with what 'doorpost host add NAME' printed there"
        ),
        WrongFile(
            "host_key: k", "3: host_key: needs server, too: the central Doorpost that it is for"
        ),
        WrongFile("pam: { prompt: \"a\\nb\" }", "3: pam.prompt: must not hold control characters"),
        WrongFile("pam: { deadline: 5s }", "3: pam.deadline: '5s' must be 10s to 10m"),
        WrongFile(
            "code: { attempts: 9 }\npam: { deadline: 5s }", "3: code.attempts: '9' must be 1 to 5",
            "4: pam.deadline: '5s' must be 10s to 10m"),
        WrongFile(
            whole: "issuer: ftp://x\nmail: { from: a@b.c }",
            "1: issuer: 'ftp://x' is not a web address (write https://login.example.org)"),
        WrongFile(
            whole: "issuer: https://Login.example\nmail: { from: a@b.c }",
            "1: issuer: 'https://Login.example' must have its scheme and host in lower case"),
        WrongFile(
            whole: "issuer: https://x/\nmail: { from: a@b.c }",
            "1: issuer: 'https://x/' must not end in '/'"),
        WrongFile(
            whole: "issuer: https://x?y\nmail: { from: a@b.c }",
            "1: issuer: 'https://x?y' must hold no query, fragment or blank"),
        WrongFile(
            whole: "pool: a_b", "1: issuer: must be set: the public URL, the 'iss' of every token",
            " mail.from: must be set: the address that codes are mailed from"),
        WrongFile(whole: "- a", "1: must hold keys and values (key: value)"),
        WrongFile(whole: "", " is empty"),
        WrongFile(whole: "issuer: [", "2: is not YAML: "),
        WrongFile(whole: "issuer: \"a\n\tb\" c: d", "2: is not YAML: "),
    ]

    @Test("say what is wrong, where, and what is right", arguments: files)
    func messages(_ file: WrongFile) {
        let found = problems(file.text)
        #expect(found.count == file.lines.count, "\(found)")
        for (line, expected) in zip(found, file.lines) {
            // A few lines end in lists that would say nothing more here.
            #expect(line.hasPrefix(expected))
        }
    }

    @Test("never show what may be a password")
    func passwordInAddress() {
        let lines = problems(
            "issuer: https://a.example\nmail: { from: a@b.c, transport: 'smtp://u:hunter2@h' }")
        #expect(lines.count == 1)
        #expect(!lines.joined().contains("hunter2"))
    }

    @Test("never crash, however deep or strange")
    func strange() {
        #expect(!problems(String(repeating: "[", count: 60_000)).isEmpty)
        #expect(!problems(String(repeating: "a: {", count: 15_000)).isEmpty)
        #expect(!problems("\u{feff}\u{0}\u{1}").isEmpty)
        #expect(!problems("a: &x [*x]").isEmpty)
        #expect(!problems("--- a\n--- b").isEmpty)
        #expect(!problems("? [a, b]\n: c").isEmpty)
    }
}
