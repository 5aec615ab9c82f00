import DoorpostTokens
import Glibc
import Testing

/// Whose files are trusted, by whom: as a table, since tests run as one user only.
@Suite struct FileRulesTests {
    @Test(
        arguments: [
            // (process, owner of the directory, owner of the file, trusted)
            (1000, 1000, 1000, true), (1000, 1000, 0, true), (1000, 1000, 1001, false),
            (1000, 0, 1000, true), (1000, 1001, 1001, false), (0, 0, 0, true), (0, 0, 1000, false),
            (0, 1000, 1000, true), (0, 1000, 0, true), (0, 1000, 1001, false),
        ] as [(UInt32, UInt32, UInt32, Bool)])
    func `owners`(_ user: UInt32, _ directory: UInt32, _ owner: UInt32, _ isTrusted: Bool) {
        let rules = FileRules(user: user, directoryOwner: directory)
        let complaint = rules.complaint(
            about: "/k", kind: .file, mode: UInt32(S_IFREG) | 0o600, owner: owner)
        #expect((complaint == nil) == isTrusted)
    }
}
