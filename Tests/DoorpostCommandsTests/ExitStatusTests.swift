import DoorpostCore
import DoorpostSetup
import Testing

@testable import DoorpostCommands

@Suite("Exit codes")
struct ExitStatusTests {
    static let table: [(any Error, Int32)] = [
        (CommandFailure(.refused, ""), 1), (CommandFailure(.usage, ""), 2),
        (ConfigurationError(path: "", ""), 78),
        (SetupError.configuration(ConfigurationError(path: "", "")), 78),
        (SetupError.store(StoreError(.busy, "")), 69),
        (SetupError.keys(TokenError(.keysUnavailable, "")), 78),
        (SetupError.file(path: "", FileError(text: "")), 74),
        (StoreError(.busy, ""), 69), (StoreError(.unavailable, ""), 74),
        (StoreError(.corrupt, ""), 74), (StoreError(.schemaMismatch, ""), 78),
        (StoreError(.conflict, ""), 1),
        (MailError(.unreachable, ""), 69), (MailError(.timeout, ""), 69),
        (MailError(.tls, ""), 69), (MailError(.temporary, ""), 69),
        (MailError(.authentication, ""), 78), (MailError(.misconfigured, ""), 78),
        (MailError(.rejected, ""), 1), (MailError(.invalidMessage, ""), 1),
        (TokenError(.keysUnavailable, ""), 78), (TokenError(.invalid, ""), 1),
        (TokenError(.expired, ""), 1), (TokenError(.wrongUse, ""), 1),
        (FileError(text: ""), 74),
        (FlowError(.center, ""), 69), (FlowError(.hostRefused, ""), 78),
        (FlowError(.internal, ""), 74),
    ]

    @Test("are those of CONTRACT.md", arguments: table.indices)
    func status(row: Int) {
        #expect(ExitStatus(Self.table[row].0).rawValue == Self.table[row].1, "\(Self.table[row].0)")
    }

    @Test("are no others")
    func all() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 69, 74, 75, 78])
    }
}
