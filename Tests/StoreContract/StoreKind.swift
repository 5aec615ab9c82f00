import DoorpostCore
import DoorpostPostgres
import DoorpostSQLite
import DoorpostTesting
import Foundation
import Testing

/// The stores that must keep the contract.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
    case memory
    case sqlite
    case postgres

    /// Those that several processes can have open at once.
    static let shared = [sqlite, postgres]

    var testDescription: String { rawValue }
}

/// Runs a test on an empty store that goes away afterwards.
func withStore(_ kind: StoreKind, _ body: (any Store) throws -> Void) throws {
    switch kind {
    case .memory: try body(MemoryStore())
    case .sqlite, .postgres: try withPlace(kind) { _, store in try body(store) }
    }
}

/// Runs a test on an empty store that other processes can open by the place it is given.
func withPlace(_ kind: StoreKind, _ body: (String, any Store) throws -> Void) throws {
    if kind == .postgres {
        try PostgresServer.shared.get().withSchema { url in
            try body(
                url,
                PostgresStore(PostgresAddress(url), connections: 8, patience: .seconds(20)))
        }
    } else {
        try withDirectory { directory in
            let path = directory + "/store.db"
            try body(path, SQLiteStore(path: path))
        }
    }
}

/// Runs a test on an empty store with the user `ada`.
func withAda(_ kind: StoreKind, _ body: (any Store, User) throws -> Void) throws {
    try withStore(kind) { store in
        let ada = try Samples.user("ada")
        try store.addUser(ada, audit: Samples.audit(.userAdded))
        try body(store, ada)
    }
}

/// Runs a test with a directory of its own that goes away afterwards.
///
/// `inMemory` where many processes write much and no power is cut: a tmpfs then, for speed.
func withDirectory<T>(inMemory: Bool = false, _ body: (String) throws -> T) throws -> T {
    let memory = "/dev/shm"
    let parent =
        inMemory && FileManager.default.isWritableFile(atPath: memory)
        ? memory : FileManager.default.temporaryDirectory.path
    let path = "\(parent)/doorpost-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

extension Store {
    /// The kinds of all audit records, oldest first.
    func auditKinds() throws -> [AuditEvent.Kind] {
        try auditTrail(AuditQuery()).map(\.event.kind)
    }

    /// All that shows of the store, except the audit trail.
    func snapshot() throws -> Snapshot {
        Snapshot(
            users: try users(after: nil, limit: 100),
            outbox: try outbox(includingSent: true, limit: 100),
            sessions: try sessions(of: nil, now: Timestamp(seconds: 0), limit: 100))
    }
}

struct Snapshot: Equatable {
    var users: [User]
    var outbox: [OutboxItem]
    var sessions: [LoginSession]
}

extension ChallengeStartResult {
    var hit: LimitHit? { if case .limited(let hit) = self { hit } else { nil } }
    var started: LiveChallenge? { if case .started(let live) = self { live } else { nil } }
    var resumed: LiveChallenge? { if case .resumed(let live, _) = self { live } else { nil } }
}

extension ChallengeAttemptResult {
    var hit: LimitHit? { if case .limited(let hit) = self { hit } else { nil } }
    var counted: CountedAttempt? {
        if case .counted(let attempt) = self { attempt } else { nil }
    }
}

extension ChallengeResendResult {
    var hit: LimitHit? { if case .limited(let hit) = self { hit } else { nil } }
    var queued: LiveChallenge? { if case .queued(let live, _) = self { live } else { nil } }
    var mail: OutboxItem? { if case .queued(_, let mail) = self { mail } else { nil } }
}

/// The error that the body throws, or nil if it throws none or another one.
func storeError(_ body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}
