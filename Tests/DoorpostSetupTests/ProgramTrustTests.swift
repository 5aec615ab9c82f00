import DoorpostSetup
import Glibc
import Testing

@Suite("Programs that we run")
struct ProgramTrustTests {
    private func withProgram(_ body: (_ path: String, _ directory: String) throws -> Void) throws {
        var template = Array("/tmp/doorpost-programs-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let path = "\(directory)/program"
        fclose(fopen(path, "we"))
        chmod(path, 0o755)
        defer {
            unlink("\(directory)/link")
            unlink(path)
            rmdir(directory)
        }
        try body(path, directory)
    }

    private func fault(_ path: String, for user: uid_t? = nil) -> String? {
        TrustedProgram.fault(at: path, for: user)?.text
    }

    @Test("are trusted when nobody else can change them")
    func trusted() throws {
        try withProgram { path, directory in
            #expect(fault(path) == nil)
            #expect(symlink(path, "\(directory)/link") == 0)
            #expect(fault("\(directory)/link") == nil)
        }
        // A link in a directory that is one itself, on most systems.
        #expect(fault("/bin/sh") == nil)
    }

    @Test("are refused when others can change them, or the directory that they are in")
    func writable() throws {
        for mode in [0o775, 0o757] as [mode_t] {
            try withProgram { path, directory in
                chmod(path, mode)
                #expect(fault(path)?.contains("program can be changed by others") == true)
                #expect(symlink(path, "\(directory)/link") == 0)
                #expect(fault("\(directory)/link")?.contains("run: chmod go-w \(path)") == true)
            }
            try withProgram { path, directory in
                chmod(directory, mode)
                #expect(
                    fault(path)?.contains("directory of the program can be changed by others")
                        == true)
            }
        }
    }

    @Test("are refused behind a link that others can swap")
    func link() throws {
        try withProgram { _, directory in
            #expect(symlink("/bin/sh", "\(directory)/link") == 0)
            #expect(fault("\(directory)/link") == nil)
            chmod(directory, 0o777)
            #expect(fault("\(directory)/link")?.contains("directory of the program") == true)
        }
        try withProgram { path, open in
            chmod(open, 0o777)
            try withProgram { _, directory in
                #expect(symlink(path, "\(directory)/link") == 0)
                #expect(fault("\(directory)/link")?.contains("run: chmod go-w \(open)") == true)
            }
        }
    }

    @Test("are refused when they are somebody else's", .enabled(if: geteuid() == 0))
    func owner() throws {
        try withProgram { path, directory in
            chown(path, 4711, 4711)
            #expect(fault(path)?.contains("belongs to uid 4711") == true)
            #expect(fault(path, for: 4711) == nil)
            #expect(fault(path, for: 4712)?.contains("root or uid 4712") == true)
            chown(path, 0, 0)
            chown(directory, 4711, 4711)
            #expect(fault(path)?.contains("directory of the program belongs to") == true)
        }
    }

    @Test("are refused when they cannot be run")
    func executable() throws {
        try withProgram { path, _ in
            chmod(path, 0o644)
            #expect(fault(path) == "program is not executable; run: chmod +x \(path)")
            chmod(path, 0o700)
            if geteuid() == 0 { #expect(fault(path, for: 4711)?.contains("chmod +x") == true) }
            #expect(fault("\(path)-none") == "program is not there")
            #expect(fault("/usr/bin") == "is not a regular file")
            #expect(fault("program") == "is not an absolute path")
        }
    }
}
