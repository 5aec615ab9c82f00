import Foundation
import Glibc
import Testing

@testable import DoorpostCommands

@Suite("The doctor, of the socket for screen lockers,")
struct LockerSocketTests {
    private let directory: String

    init() throws {
        var template = Array("/tmp/doorpost-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    }

    private func states() -> [Finding.State] {
        LockerSocketCheck.run(
            link: "\(directory)/link", socket: "\(directory)/pam.sock", owner: geteuid()
        ).map(\.state)
    }

    private func enable() throws {
        try #require(symlink("/nowhere/doorpost-pam.socket", "\(directory)/link") == 0)
    }

    private func listen() throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("\(directory)/pam.sock".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(bound == 0)
    }

    @Test("says nothing where it is off, and what to do where it is on and not usable")
    func all() throws {
        defer {
            #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) }
        }
        #expect(states() == [])
        try enable()
        #expect(states() == [.problem])
        try #require(FileManager.default.createFile(atPath: "\(directory)/pam.sock", contents: nil))
        chmod("\(directory)/pam.sock", 0o666)
        #expect(states() == [.problem], "a file")
        unlink("\(directory)/pam.sock")
        try listen()
        chmod("\(directory)/pam.sock", 0o600)
        #expect(states() == [.problem], "for nobody")
        chmod("\(directory)/pam.sock", 0o666)
        #expect(states() == [.ok])
        let others = LockerSocketCheck.run(
            link: "\(directory)/link", socket: "\(directory)/pam.sock", owner: geteuid() + 1)
        #expect(others.map(\.state) == [.problem], "somebody else's")
    }
}
