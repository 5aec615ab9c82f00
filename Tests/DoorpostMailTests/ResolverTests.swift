import DoorpostCore
import Foundation
import Glibc
import Testing

@testable import DoorpostMail

@Suite("A name server that is silent", .enabled(if: geteuid() == 0))
struct ResolverTests {
    @Test("holds up a delivery no longer than the connect time-out")
    func silentNameServer() async throws {
        await #expect(processExitsWith: .success) {
            // A name server of our own that never answers, seen by this process alone: port 53 of
            // a loopback address, and a resolv.conf that names it in a mount namespace.
            let server = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(53).bigEndian
            inet_pton(AF_INET, "127.53.53.53", &address.sin_addr)
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(bound == 0)
            let file = "/tmp/doorpost-resolv-\(getpid())"
            try "nameserver 127.53.53.53\noptions timeout:30 attempts:5\n"
                .write(toFile: file, atomically: false, encoding: .utf8)
            defer { unlink(file) }
            try takeOwnMounts()
            try #require(mount(file, "/etc/resolv.conf", nil, UInt(MS_BIND), nil) == 0)

            let configuration = MailConfiguration(
                from: try MailSender(parsing: "a@example.org"),
                transport: try MailTransport(parsing: "smtp://relay.example.org"),
                connectTimeout: Span(milliseconds: 400), totalTimeout: .seconds(20))
            let start = ContinuousClock.now
            #expect(throws: MailError(.timeout, "")) { try SMTPMailer(configuration).probe() }
            #expect(ContinuousClock.now - start < .seconds(4))
        }
    }
}

/// Gives the calling thread, and those it starts, a view of the file system of their own. For
/// exit tests: it cannot be taken back.
func takeOwnMounts() throws {
    // unshare(2) and its flags are not in Swift's Glibc.
    typealias Unshare = @convention(c) (Int32) -> Int32
    let unshare = unsafeBitCast(try #require(dlsym(nil, "unshare")), to: Unshare.self)
    try #require(unshare(0x20000) == 0)  // CLONE_NEWNS
    try #require(mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
}
