import DoorpostCore
import DoorpostTokens
import Glibc
import Testing

/// Real files that must not be used as keys. Each is refused by name, with what to do.
@Suite(.timeLimit(.minutes(1))) struct KeyFileFaultTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    /// That loading fails and says all of these.
    private func expectRefusal(_ words: String..., location: SourceLocation = #_sourceLocation)
        async
    {
        do {
            _ = try await fixture.tokens.issue(Fixture.claims())
            Issue.record("signed all the same", sourceLocation: location)
        } catch {
            #expect(error.code == .keysUnavailable, sourceLocation: location)
            for word in words {
                #expect(error.detail.contains(word), "\(error.detail)", sourceLocation: location)
            }
        }
        #expect(throws: TokenError(.keysUnavailable, ""), sourceLocation: location) {
            try fixture.directory.check()
        }
    }

    @Test func `what it makes is for the owner alone`() {
        #expect(mode(fixture.directory.path) == 0o700)
        #expect(mode(fixture.keyFile) == 0o600)
        #expect(fixture.temporary.names(in: fixture.directory.path) == ["\(fixture.key.id).pem"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o777] as [mode_t])
    func `a file that others can get at`(_ wrong: mode_t) async {
        chmod(fixture.keyFile, wrong)
        await expectRefusal(
            fixture.keyFile, "mode 0" + String(wrong, radix: 8), "chmod 600 \(fixture.keyFile)")
        chmod(fixture.keyFile, 0o400)
        await #expect(throws: Never.self) { try await fixture.tokens.issue(Fixture.claims()) }
    }

    @Test(arguments: [0o750, 0o705, 0o770, 0o711, 0o755] as [mode_t])
    func `a directory that others can get into`(_ wrong: mode_t) async {
        chmod(fixture.directory.path, wrong)
        await expectRefusal(
            "mode 0" + String(wrong, radix: 8), "chmod 700 \(fixture.directory.path)")
    }

    @Test func `a file of somebody else`() async {
        chown(fixture.keyFile, 12345, 12345)
        await expectRefusal(fixture.keyFile, "user 12345", "chown 0 \(fixture.keyFile)")
    }

    @Test func `root works on the keys of the account that the helper drops to`() async throws {
        chown(fixture.directory.path, 12345, 12345)
        chown(fixture.keyFile, 12345, 12345)
        _ = try await fixture.tokens.issue(Fixture.claims())
        guard case .created(let key) = try fixture.directory.rotate(to: .es256, now: Fixture.now)
        else { throw TokenError(.invalid, "no key") }
        let made = "\(fixture.directory.path)/\(key.id).pem"
        #expect(owner(made) == 12345)
        #expect(mode(made) == 0o600)
    }

    @Test func `a symbolic link, even to a good key`() async {
        let real = "\(fixture.temporary.path)/real.pem"
        rename(fixture.keyFile, real)
        symlink(real, fixture.keyFile)
        await expectRefusal(fixture.keyFile, "symbolic link")
    }

    @Test func `a FIFO does not make anybody wait`() async {
        unlink(fixture.keyFile)
        mkfifo(fixture.keyFile, 0o600)
        await expectRefusal(fixture.keyFile, "not a regular file")
    }

    @Test func `a directory, and a device`() async {
        unlink(fixture.keyFile)
        mkdir(fixture.keyFile, 0o700)
        await expectRefusal(fixture.keyFile, "not a regular file")
        rmdir(fixture.keyFile)
        // 1,5 is /dev/zero, which has no end.
        if mknod(fixture.keyFile, S_IFCHR | 0o600, 0x105) == 0 {
            await expectRefusal(fixture.keyFile, "not a regular file")
        }
    }

    @Test func `an empty, a cut, a long, a binary and a foreign file`() async throws {
        let text = try text(of: fixture.keyFile)
        let other = try Fixture()
        let wrong = [
            "", String(text.prefix(40)), String(text.dropLast(80)),
            String(repeating: "x", count: 99_999),
            "\u{0}\u{1}\u{2}", text.replacing("ES256", with: "none"),
            text.replacing("ES256", with: "EdDSA"), text.replacing("Key: 1", with: "Key: 2"),
            text.replacing("Sign-From: ", with: "Sign-From: -"), "Algorithm: ES256\n" + text,
            text.replacing("Sign-From: ", with: "Sign-From: 99999999999999999999"),
            text.replacing("-----BEGIN", with: "Revoked: x\n-----BEGIN"),
            try self.text(of: other.keyFile),
        ]
        for content in wrong {
            try replace(fixture.keyFile, with: content)
            await expectRefusal(fixture.keyFile)
        }
        try replace(fixture.keyFile, with: text)
        await #expect(throws: Never.self) { try await fixture.tokens.issue(Fixture.claims()) }
    }

    @Test func `no message holds any of the key`() async throws {
        let text = try text(of: fixture.keyFile)
        try replace(fixture.keyFile, with: text.replacing("MIGH", with: "MIGX"))
        do {
            _ = try await fixture.tokens.issue(Fixture.claims())
        } catch {
            for line in text.split(separator: "\n").dropFirst(5).dropLast() {
                #expect(!"\(error)".contains(line.prefix(16)))
            }
        }
    }

    @Test func `other files are left alone, unfinished ones are swept`() throws {
        let path = fixture.directory.path
        for name in ["README", "x.pem~", ".new-77-x.pem", "no kid.pem"] {
            try replace("\(path)/\(name)", with: "x")
        }
        #expect(try fixture.directory.ring().records == [fixture.key])
        _ = try fixture.directory.prune(now: Fixture.now)
        #expect(!fixture.temporary.names(in: path).contains(".new-77-x.pem"))
        #expect(fixture.temporary.names(in: path).count == 4)
    }

    private func text(of path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    private func replace(_ path: String, with text: String) throws {
        unlink(path)
        let file = try #require(fopen(path, "w"))
        fchmod(fileno(file), 0o600)
        fputs(text, file)
        fclose(file)
    }
}
