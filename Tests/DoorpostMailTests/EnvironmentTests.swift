import DoorpostCore
import Glibc
import Testing

@testable import DoorpostMail

/// Each runs in a process of its own, whose environment it may change.
@Suite("The environment decides nothing")
struct EnvironmentTests {
    @Test(
        "proxy variables do not divert mail",
        arguments: [
            "ALL_PROXY", "all_proxy", "smtp_proxy", "smtps_proxy", "HTTPS_PROXY", "https_proxy",
            "http_proxy",
        ])
    func proxies(_ variable: String) async throws {
        let peer = try Peer()
        let proxy = try Peer()
        let (port, trap) = (peer.port, proxy.port)
        await #expect(processExitsWith: .success) {
            [variable = variable as String, port = port as UInt16, trap = trap as UInt16] in
            setenv(variable, "http://127.0.0.1:\(trap)", 1)
            try SMTPMailer(plainConfiguration(port)).probe()
        }
        peer.waitForEnd()
        #expect(peer.plain.hasPrefix("EHLO example.org\r\nNOOP\r\n"))
        #expect(proxy.plain.isEmpty)
    }

    @Test("SSL_CERT_FILE adds no authority", arguments: [true, false])
    func certificates(_ pinned: Bool) async throws {
        let peer = try Peer("peer.py", "--tls", "implicit")
        let (port, authority) = (peer.port, try #require(peer.caFile))
        await #expect(processExitsWith: .success) {
            [pinned = pinned as Bool, port = port as UInt16, authority = authority as String] in
            setenv("SSL_CERT_FILE", authority, 1)
            setenv("CURL_CA_BUNDLE", authority, 1)
            var configuration = try plainConfiguration(port)
            configuration.transport = try MailTransport(parsing: "smtps://localhost:\(port)")
            if pinned { configuration.caFile = "/etc/ssl/certs/ca-certificates.crt" }
            #expect(throws: MailError(.tls, "")) { try SMTPMailer(configuration).probe() }
        }
    }

    @Test("the system's authorities are trusted, unless a ca_file names others")
    func systemAuthorities() async throws {
        try #require(geteuid() == 0, "needs root to mount")
        let peer = try Peer("peer.py", "--tls", "implicit")
        let (port, authority) = (peer.port, try #require(peer.caFile))
        await #expect(processExitsWith: .success) {
            [port = port as UInt16, authority = authority as String] in
            // /etc/ssl/certs as update-ca-certificates makes it, with the peer's authority in it.
            let folder = "/tmp/doorpost-certs-\(getpid())"
            let other = "/tmp/doorpost-other-\(getpid()).pem"
            let make = """
                mkdir \(folder) && cp \(authority) \(folder)/ca.pem &&
                openssl rehash \(folder) && cp /etc/ssl/certs/ca-certificates.crt \(other)
                """
            try #require(system(make) == 0)
            defer { _ = system("rm -rf \(folder) \(other)") }
            try takeOwnMounts()
            try #require(mount(folder, "/etc/ssl/certs", nil, UInt(MS_BIND), nil) == 0)
            defer { _ = umount("/etc/ssl/certs") }

            var configuration = try plainConfiguration(port)
            configuration.transport = try MailTransport(parsing: "smtps://localhost:\(port)")
            #expect(failure { try SMTPMailer(configuration).probe() } == nil)
            configuration.caFile = other
            #expect(failure { try SMTPMailer(configuration).probe() }?.code == .tls)
        }
    }

    @Test("a .netrc is not read, and nothing is written to stdout or stderr")
    func homeDirectory() async throws {
        let peer = try Peer("peer.py", "--auth", "login:secret")
        let port = peer.port
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) { [port = port as UInt16] in
            var home = Array("/tmp/doorpost-home-XXXXXX".utf8CString)
            _ = mkdtemp(&home)
            let path = String(decoding: home.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            defer { unlink(path + "/.netrc"); rmdir(path) }
            let file = fopen(path + "/.netrc", "w")
            fputs("default login login password secret\n", file)
            fclose(file)
            setenv("HOME", path, 1)
            var configuration = try plainConfiguration(port)
            configuration.tls = MailTLS.none
            try SMTPMailer(configuration).probe()
        }
        peer.waitForEnd()
        #expect(!peer.plain.contains("AUTH"))
        #expect(result?.standardOutputContent.contains { $0 == UInt8(ascii: "2") } == false)
    }

    @Test("a peer that is gone raises no SIGPIPE")
    func brokenPipe() async throws {
        let peer = try Peer("peer.py", "--tls", "starttls", "--drop", "mail")
        let (port, authority) = (peer.port, try #require(peer.caFile))
        await #expect(processExitsWith: .success) {
            [port = port as UInt16, authority = authority as String] in
            signal(SIGPIPE, SIG_DFL)
            var configuration = try plainConfiguration(port)
            configuration.caFile = authority
            for _ in 0..<5 {
                #expect(throws: MailError(.temporary, "")) {
                    try SMTPMailer(configuration).deliver(mail())
                }
            }
        }
    }
}

/// A relay on this machine, without TLS.
func plainConfiguration(_ port: UInt16) throws -> MailConfiguration {
    MailConfiguration(
        from: try MailSender(parsing: "login@example.org"),
        transport: try MailTransport(parsing: "smtp://localhost:\(port)"))
}
