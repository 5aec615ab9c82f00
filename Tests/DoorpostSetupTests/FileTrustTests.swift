import DoorpostSetup
import Glibc
import Testing

@Suite("Files that decide who gets in")
struct FileTrustTests {
    @Test(
        "are read when only we can change them",
        arguments: [0o600, 0o640, 0o644, 0o400] as [mode_t])
    func trusted(mode: mode_t) throws {
        try withFile(mode: mode) { path in
            let bytes = try TrustedFile.read(path, as: .configuration)
            #expect(bytes == Array("x".utf8))
        }
    }

    @Test("are refused when others can", arguments: [0o620, 0o602, 0o666, 0o664] as [mode_t])
    func writable(mode: mode_t) throws {
        try withFile(mode: mode) { path in
            let text = fault(path, .configuration)
            #expect(
                text
                    == "configuration file can be changed by others (mode 0\(String(mode, radix: 8)))"
                    + "; run: chmod go-w \(path)")
        }
    }

    @Test(
        "are refused when others can read a secret", arguments: [0o640, 0o604, 0o644] as [mode_t])
    func readable(mode: mode_t) throws {
        try withFile(mode: mode) { path in
            #expect(
                fault(path, .secret("secret key"))?.contains("run: chmod go-rwx \(path)") == true)
        }
    }

    @Test("may be read by the group of run_as")
    func group() throws {
        try withFile(mode: 0o640) { path in
            #expect(fault(path, .secret("password file", orGroup: getegid())) == nil)
            #expect(fault(path, .secret("password file", orGroup: getegid() + 1)) != nil)
        }
        try withFile(mode: 0o644) { path in
            #expect(fault(path, .secret("password file", orGroup: getegid())) != nil)
        }
    }

    @Test("are refused as links, FIFOs, directories and giants")
    func kinds() throws {
        try withFile(mode: 0o600) { path in
            let other = "\(path).other"
            defer { unlink(other) }
            symlink(path, other)
            #expect(fault(other, .configuration)?.contains("symbolic link") == true)
            unlink(other)
            mkfifo(other, 0o600)
            #expect(fault(other, .configuration) == "is not a regular file")
            #expect(fault("/", .configuration) == "is not a regular file")
            truncate(path, 64 * 1024 + 1)
            #expect(fault(path, .configuration) == "configuration file is larger than 65536 bytes")
            truncate(path, 64 * 1024)
            #expect(fault(path, .configuration) == nil)
        }
    }

    @Test("are refused when they are another user's", .enabled(if: geteuid() == 0))
    func owner() throws {
        try withFile(mode: 0o600) { path in
            chown(path, 65534, 65534)
            #expect(
                fault(path, .configuration)?.contains("must belong to root; run: chown root")
                    == true)
        }
    }

    @Test("are said to be missing, with what makes one")
    func missing() {
        #expect(
            fault("/nonexistent/x", .configuration)
                == "configuration file is not there; name another with --config, or make an "
                + "instance with 'doorpost init DIR'")
    }

    private func fault(_ path: String, _ rule: FileRule) -> String? {
        do {
            _ = try TrustedFile.read(path, as: rule)
            return nil
        } catch {
            return error.text
        }
    }

    private func withFile(mode: mode_t, _ body: (String) throws -> Void) throws {
        var template = Array("/tmp/doorpost-trust-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        let path = template.withUnsafeBufferPointer {
            $0.baseAddress.map { String(cString: $0) } ?? ""
        }
        defer { unlink(path) }
        _ = write(descriptor, "x", 1)
        close(descriptor)
        chmod(path, mode)
        try body(path)
    }
}
