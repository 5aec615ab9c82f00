import DoorpostCore
import DoorpostMail
import Foundation
import Glibc
import Testing

/// A Python server of `Tests/Support/smtp`, running as long as this value lives.
///
/// It ends when its standard input closes, so it ends with this process in any case.
final class Peer {
    /// What the server printed when it was ready.
    let facts: [String: Any]
    private let process: pid_t
    private let input: Int32
    private let output: Int32

    convenience init(_ script: String = "peer.py", _ arguments: String...) throws {
        try self.init(script, arguments)
    }

    init(_ script: String, _ arguments: [String]) throws {
        // Close-on-exec, or a peer started later by another test would hold these open.
        var toPeer: [Int32] = [0, 0]
        var fromPeer: [Int32] = [0, 0]
        try #require(pipe(&toPeer) == 0 && pipe(&fromPeer) == 0)
        for end in toPeer + fromPeer { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toPeer[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromPeer[1], 1)
        // The full path and -I: else a Python of somebody's PATH or PYTHONHOME lends its modules.
        let words = ["/usr/bin/python3", "-I", Self.folder + script] + arguments
        let argv = words.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, "/usr/bin/python3", &actions, nil, argv, environ)
        close(toPeer[0])
        close(fromPeer[1])
        self.process = process
        input = toPeer[1]
        output = fromPeer[0]
        try #require(result == 0)
        let line = Self.line(output)
        let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        facts = try #require(object, "\(words) did not get ready")
    }

    /// Waits until the server has seen the end of a connection, and so recorded all of it.
    func waitForEnd() {
        if Self.line(output).isEmpty { Issue.record("no connection ended in time") }
    }

    private static func line(_ descriptor: Int32) -> [UInt8] {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        var readable = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&readable, 1, 60_000) == 1, read(descriptor, &byte, 1) == 1,
            byte != UInt8(ascii: "\n")
        {
            line.append(byte)
        }
        return line
    }

    deinit {
        close(input)
        close(output)
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
    }

    var port: UInt16 { UInt16(facts["port"] as? Int ?? 0) }
    var tlsPort: UInt16 { UInt16(facts["tls_port"] as? Int ?? 0) }
    var caFile: String? { facts["ca_file"] as? String }

    /// Everything that was sent to it in the clear, on all connections.
    var plain: String { recorded(".plain") }
    /// Everything that was sent to it inside TLS, decrypted.
    var secured: String { recorded(".tls") }

    /// The Message-IDs of the mails that it took, in the order in which it did.
    var taken: [String] { recorded("taken").split(separator: "\n").map(String.init) }
    /// How many connections were made to it so far.
    var connections: Int { recordedNames(".plain").count }

    private func recordedNames(_ suffix: String) -> [String] {
        let folder = facts["record"] as? String ?? ""
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { "\(folder)/\($0)" }
    }

    private func recorded(_ suffix: String) -> String {
        recordedNames(suffix).map { String(decoding: contents($0), as: UTF8.self) }.joined()
    }

    private func contents(_ path: String) -> Data {
        FileManager.default.contents(atPath: path) ?? Data()
    }

    private static let folder =
        URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Support/smtp/"

    /// A configuration that leads to it.
    func configuration(
        secure: Bool = false, host: String = "localhost", tls: MailTLS? = nil, trust: Bool = true,
        user: String? = nil, password: String = "secret", timeout: Span = .seconds(10)
    ) throws -> MailConfiguration {
        let scheme = secure ? "smtps" : "smtp"
        let from = try MailSender(parsing: "Example sign-in <login@example.org>")
        return MailConfiguration(
            from: from,
            transport: try MailTransport(
                parsing:
                    "\(scheme)://\(host):\(facts["tls_port"] != nil && secure ? tlsPort : port)"),
            username: user, password: user.map { _ in MailPassword(password) }, tls: tls,
            caFile: trust ? caFile : nil, connectTimeout: timeout, totalTimeout: timeout)
    }
}

/// A mail such as the flow sends.
func mail(
    to: String = "alice@example.net", name: String? = "Alice", subject: String = "Your code",
    text: String = "Your code is 1234 5678\n", html: String? = nil, id: String = "0192-abc"
) throws -> MailMessage {
    MailMessage(
        to: try #require(EmailAddress(to)), toName: name, subject: subject, text: text,
        html: html, messageID: id,
        date: 1_795_246_206)
}

/// The `MailError` that `body` ends with, or nil.
func failure(_ body: () throws -> Void) -> MailError? {
    do { try body() } catch {
        if let error = error as? MailError { return error }
        Issue.record(error)
    }
    return nil
}
