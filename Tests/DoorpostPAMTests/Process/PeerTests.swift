import DoorpostCore
import Foundation
import Glibc
import Testing

@testable import DoorpostPAM

@Suite("Who is at the other end")
struct PeerTests {
    private static let ours: uid_t = 812
    private let daemon = Peer(uid: 1, pid: 7, startedAs: ours)

    private func request(
        _ operation: UInt8, user: String = "daemon", sessionFile: String = ""
    ) throws -> PAMRequest {
        func field(_ tag: UInt8, _ text: String) -> [UInt8] {
            [tag, 0, UInt8(text.utf8.count)] + Array(text.utf8)
        }
        return try #require(
            PAMRequest(
                payload: [UInt8](repeating: 9, count: 16) + [operation, 0, 0, 100]
                    + field(2, user) + field(3, "192.0.2.7") + field(6, sessionFile)))
    }

    @Test(
        "is limited unless it is root, or could have started us",
        arguments: [
            (uid: 0, startedAs: 0, false), (0, 812, false), (812, 812, false), (1000, 1000, false),
            (1000, 0, true), (1000, 812, true), (812, 0, true), (65534, 0, true),
            (65534, 812, true),
        ])
    func limited(uid: uid_t, startedAs: uid_t, isLimited: Bool) {
        #expect(Peer(uid: uid, pid: 7, startedAs: startedAs).isLimited == isLimited)
    }

    @Test("is whom the kernel names, and without a socket there is none")
    func kernel() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        let peer = try #require(Peer(of: ends[0]))
        #expect(peer.uid == geteuid() && peer.pid == getpid() && !peer.isLimited)
        var pipes: [Int32] = [-1, -1]
        try #require(pipe(&pipes) == 0)
        defer { pipes.forEach { close($0) } }
        #expect(Peer(of: pipes[0]) == nil)
        let lonely = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(lonely) }
        #expect(Peer(of: lonely) == nil)
    }

    @Test("may ask for its own account and no other", arguments: [UInt8(1), 2])
    func accounts(operation: UInt8) throws {
        let directory = SessionFileDirectory(path: "/nowhere")
        let own = try request(operation)
        #expect(daemon.mayAsk(own, sessionFiles: directory))
        for other in ["root", "bin", "nobody", "no-such-account", "", "daemon\0", "Daemon", "1"] {
            let request = try request(operation, user: other)
            #expect(!daemon.mayAsk(request, sessionFiles: directory), "\(other)")
            let root = Peer(uid: 0, pid: 7, startedAs: Self.ours)
            #expect(root.mayAsk(request, sessionFiles: directory))
        }
    }

    @Test("may end the session of a file that is there, in its own directory")
    func sessions() throws {
        var template = Array("/tmp/doorpost-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path) } }
        let directory = SessionFileDirectory(path: path)
        let own = String(repeating: "a", count: 32), others = String(repeating: "b", count: 32)
        for (uid, name) in [(1, own), (2, others)] {
            try #require(mkdir("\(path)/\(uid)", 0o711) == 0)
            try #require(
                FileManager.default.createFile(atPath: "\(path)/\(uid)/\(name).jwt", contents: nil))
        }
        func may(_ file: String, user: String = "daemon") throws -> Bool {
            let request = try request(3, user: user, sessionFile: file)
            return daemon.mayAsk(request, sessionFiles: directory)
        }
        #expect(try may("\(path)/1/\(own).jwt"))
        #expect(try !may("\(path)/2/\(others).jwt"))
        #expect(try !may("\(path)/1/\(others).jwt"), "the name of a session that is another's")
        #expect(try !may("\(path)/1/../2/\(others).jwt"))
        #expect(try !may(""))
        try #require(symlink("\(path)/2/\(others).jwt", "\(path)/1/\(others).jwt") == 0)
        #expect(try !may("\(path)/1/\(others).jwt"), "a link")
    }

    @Test("is not believed where it says to come from, unless it is root")
    func believed() throws {
        let told = try request(1)
        #expect(daemon.believed(told).rhost == "")
        #expect(daemon.believed(told).user == "daemon")
        #expect(Peer(uid: 0, pid: 7, startedAs: 0).believed(told).rhost == "192.0.2.7")
    }
}
