import DoorpostCore
import DoorpostTesting
import GRDB
import Testing

@testable import DoorpostSQLite

/// A store of the Doorpost before the web, with rows in every table.
@Suite struct MigrationTests {
    let noon = Samples.noon

    /// Written as that Doorpost wrote it, since ours knows columns that it has not.
    private static let rows = """
        INSERT INTO users VALUES
            ('id-ada', 'ada@example.org', 'ada', 'ada Example', '["staff"]', 1, 1800000000000);
        INSERT INTO challenges VALUES
            (1, 'live', 'user:id-ada', 'id-ada', 'pam/sshd/host-a', 'resume-live', x'070707', 3,
                1800000000000, 1800000000000, 1800000300000, NULL, 'mails:id-ada'),
            (2, 'dead', 'user:id-ada', 'id-ada', 'pam/sshd/host-a', 'resume-dead', x'07', 3,
                1799999000000, 1799999000000, 1799999300000, NULL, 'mails:id-ada'),
            (3, 'decoy', 'decoy:x', NULL, 'pam/sshd/host-a', 'resume-decoy', x'07', 3,
                1799999000000, 1799999000000, 1799999300000, NULL, 'mails:x');
        INSERT INTO outbox VALUES
            (1, 'mail-live', 'id-ada', x'010203', 'queued', 1800000000000, 1800000300000, NULL, 1,
                1800000000000, '451'),
            (2, 'mail-dead', 'id-ada', x'010203', 'failed', 1799999000000, 1799999300000, NULL, 1,
                1799999000000, '550');
        INSERT INTO limit_events VALUES ('mails:id-ada', 1800000000000, 1, NULL);
        INSERT INTO sessions VALUES
            (1, 'session-old', 'id-ada', 'pam', 'sshd', 'host-a', '192.0.2.7', 'ssh',
                1799999000000, 1800042200000, NULL);
        INSERT INTO audit VALUES
            (1, 1800000000000, 'code_requested', 'id-ada', 'pam', 'sshd', 'host-a', '192.0.2.7',
                'mail mail-live');
        """

    private func withOldStore(_ body: (String) throws -> Void) throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let first = Migrations(steps: Array(Migrations.current.steps.prefix(1)))
            #expect(first.steps.map(\.name) == ["1-tables"])
            _ = try SQLiteStore(
                path: path, busyTimeout: .seconds(3), create: true, migrations: first,
                migrating: false)
            try withDatabase(path) { try $0.execute(sql: Self.rows) }
            try body(path)
        }
    }

    @Test func itIsRefusedUntilItIsMigrated() throws {
        try withOldStore { path in
            let error = storeError { _ = try SQLiteStore(path: path) }
            #expect(error?.code == .schemaMismatch)
            #expect(error?.detail.contains("doorpost store migrate") == true)
            let version = try withDatabase(path) {
                try Int.fetchOne($0, sql: "PRAGMA user_version")
            }
            #expect(version == 1)
        }
    }

    @Test func nothingIsLostAndAllOfItWorks() throws {
        try withOldStore { path in
            try SQLiteStore.migrate(path: path)
            #expect(try integrity(of: path) == ["ok"])
            let store = try SQLiteStore(path: path)
            var ada = try Samples.user("ada")
            ada.groups = ["staff"]
            #expect(try store.user(.id(ada.id)) == ada)
            #expect(
                try store.group("staff") == UserGroup(name: "staff", createdAt: ada.createdAt))
            #expect(try store.users(inGroup: "staff", after: nil, limit: 9) == [ada])
            let session = LoginSession(
                id: SessionID("session-old"), user: ada.id, door: "pam", service: "sshd",
                host: "host-a", source: "192.0.2.7", tty: "ssh",
                createdAt: Timestamp(seconds: 1_799_999_000),
                expiresAt: Timestamp(seconds: 1_800_042_200))
            #expect(try store.session(session.id) == session)
            #expect(try store.rotateRefresh(Samples.rotation(0, of: "session-old")) == .ended)
            #expect(try store.outbox(includingSent: true, limit: 9).count == 2)

            // The mail that waits is due, the code that was mailed is good.
            let until = noon + .seconds(30)
            let due = try store.claimDueMails(now: noon, until: until, limit: 9)
            #expect(due.map(\.id.text) == ["mail-live"])
            #expect(due.first?.retryAt == nil)
            let counted = try store.countAttempt(Samples.attempt("live", "l")).counted
            #expect(counted?.codeHash == [7, 7, 7])
            #expect(counted?.signup == nil)
            #expect(counted?.sealedRounds == nil)
            let bounced = try store.markBounced(
                MailID("mail-live"), recipient: ada.email, audit: Samples.audit(.mailBounced),
                reason: "550")
            #expect(bounced?.bounce != nil)
            #expect(
                try store.consumeChallenge(Samples.consumption("live", "l", user: ada.id))
                    == .consumed)
            #expect(try store.user(.id(ada.id))?.bounce == nil)
            // The mail that failed in the old days is kept from now on, the decoy goes.
            #expect(try store.purge(now: noon, limit: 9) == 1 + 1)
            #expect(try store.outbox(includingSent: true, limit: 9).map(\.id.text) == ["mail-dead"])
            try signInOnTheWeb(store, ada)
            #expect(try store.rotateRefresh(Samples.rotation(0)).generation == 1)
            let address = try Samples.user("eve").email
            #expect(try store.startChallenge(Samples.signup("s", address)).started != nil)
            #expect(
                try store.consumeChallenge(Samples.consumption("s", "s", newUser: address))
                    == .consumed)
        }
    }
}
