import DoorpostCore
import DoorpostTesting
import Testing

@testable import DoorpostPostgres

/// A schema of an older or a newer Doorpost, of none, and of another program.
@Suite struct PostgresMigrationTests {
    private static let newer = Migrations(
        steps: Migrations.current.steps + [
            Migrations.Step(name: "next", sql: "ALTER TABLE users ADD COLUMN next BIGINT")
        ])

    private func open(
        _ url: String, _ migrations: Migrations = .current, migrating: Bool = false,
        create: Bool = true
    ) throws -> PostgresStore {
        try PostgresStore(
            PostgresAddress(url), connections: 2, patience: .seconds(20), create: create,
            migrations: migrations, migrating: migrating)
    }

    private func version(_ url: String) throws -> String? {
        try postgres(url, "SELECT version FROM doorpost_schema").first ?? nil
    }

    @Test func anOlderOneIsRefusedUntilItIsMigrated() throws {
        try PostgresServer.shared.get().withSchema { url in
            let ada = try Samples.user("ada")
            try open(url).addUser(ada, audit: Samples.audit(.userAdded))
            let error = storeError { _ = try open(url, Self.newer) }
            #expect(error?.code == .schemaMismatch)
            #expect(error?.detail.contains("doorpost store migrate") == true)
            #expect(try version(url) == "\(Migrations.current.version)")
            let store = try open(url, Self.newer, migrating: true)
            #expect(try version(url) == "\(Self.newer.version)")
            #expect(try store.user(.id(ada.id)) == ada)
            _ = try open(url, Self.newer)
        }
    }

    @Test func aNewerOneIsRefused() throws {
        try PostgresServer.shared.get().withSchema { url in
            _ = try open(url, Self.newer)
            for migrating in [false, true] {
                let error = storeError { _ = try open(url, migrating: migrating) }
                #expect(error?.code == .schemaMismatch)
            }
            #expect(try version(url) == "\(Self.newer.version)")
        }
    }

    /// A server that runs while another migrates works on with the connections that it has, and is
    /// told when it opens the next.
    @Test func aServerOfTheOldVersionIsToldWhenItConnectsAnew() throws {
        try PostgresServer.shared.get().withSchema { url in
            let old = try open(url)
            _ = try open(url, Self.newer, migrating: true)
            // The first is in use while the second is asked for.
            let error = try old.read { _ in storeError { try old.read { _ in } } }
            #expect(error?.code == .schemaMismatch)
        }
    }

    @Test func whereThereIsNoneNoneIsMadeUnlessAsked() throws {
        try PostgresServer.shared.get().withSchema { url in
            let error = storeError { _ = try open(url, create: false) }
            #expect(error?.code == .unavailable)
            #expect(error?.detail.contains("doorpost store migrate") == true)
            try PostgresStore.migrate(PostgresAddress(url))
            _ = try open(url, create: false)
        }
    }

    @Test func tablesOfAnotherProgramStay() throws {
        try PostgresServer.shared.get().withSchema { url in
            _ = try postgres(url, "CREATE TABLE users (id BIGINT); INSERT INTO users VALUES (7)")
            let error = storeError { _ = try open(url) }
            #expect(error?.code == .corrupt)
            #expect(try postgres(url, "SELECT id FROM users") == ["7"])
            let ours = try postgres(
                url,
                """
                SELECT count(*) FROM information_schema.tables
                WHERE table_schema = current_schema()
                """)
            #expect(ours == ["1"])
        }
    }

    /// Nobody has set it up, and ten processes come at once.
    @Test func anEmptySchemaIsSetUpOnce() throws {
        try PostgresServer.shared.get().withSchema { url in
            let racers = try (0..<10).map { _ in try Racer("list", url) }
            #expect(racers.flatMap { $0.rest() } == [])
            #expect(try version(url) == "\(Migrations.current.version)")
        }
    }
}
