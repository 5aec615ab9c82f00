import DoorpostCore
import Foundation
import Glibc
import Testing

@testable import DoorpostMail

@Suite("An outbox directory")
final class OutboxTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/doorpost-\(UUID())"

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func mailer(_ directory: String? = nil) throws -> any Mailer {
        try MailConfiguration(
            from: MailSender(parsing: "login@example.org"),
            transport: .outbox(directory: directory ?? folder)
        ).makeMailer()
    }

    @Test("holds one file a mail, sorted by time, private, with the bytes of the wire")
    func files() throws {
        let mailer = try mailer()
        try mailer.probe()
        var names: [String] = []
        for number in 0..<20 {
            let receipt = try mailer.deliver(mail(to: "u\(number)@example.net", id: "id\(number)"))
            #expect(receipt.answer.hasPrefix("written to "))
            names.append(String(receipt.answer.dropFirst(11)))
        }
        #expect(names == names.sorted() && Set(names).count == 20)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names)
        let path = folder + "/" + names[7]
        let encoder = MessageEncoder(from: try MailSender(parsing: "login@example.org"))
        let bytes = try encoder.encode(mail(to: "u7@example.net", id: "id7"))
        #expect(FileManager.default.contents(atPath: path).map { Array($0) } == bytes)
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o7777 == 0o600)
    }

    @Test("that is missing, or no directory, is a mistake of the configuration with its remedy")
    func missing() throws {
        for path in [folder + "/nowhere", "/etc/hostname"] {
            let mailer = try mailer(path)
            let error = failure { _ = try mailer.deliver(mail()) }
            #expect(error?.code == .misconfigured)
            #expect(error?.detail.contains("install -d -m 700 \(path)") == true)
            #expect(failure { try mailer.probe() }?.code == .misconfigured)
        }
    }

    @Test("leaves nothing half-written when the disk is full")
    func fullDisk() async throws {
        try #require(geteuid() == 0, "needs root for a limit of its own")
        let path = folder
        await #expect(processExitsWith: .success) { [path = path as String] in
            // A limit on the size of files: write fails, as on a full disk.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100, rlim_max: 100)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let mailer = OutboxDirectoryMailer(
                directory: path, encoder: MessageEncoder(from: try MailSender(parsing: "a@b.org")))
            #expect(throws: MailError(.temporary, "")) { try mailer.deliver(mail()) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
