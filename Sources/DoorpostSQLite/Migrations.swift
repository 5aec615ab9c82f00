import GRDB

/// The steps that lead from an empty file to the tables of today. A step that was released is
/// never changed again; `user_version` is the number of steps taken.
struct Migrations: Sendable {
    /// One step: a name that stays, and its SQL.
    struct Step: Sendable {
        var name: String
        var sql: String
    }

    var steps: [Step]

    /// The version that this Doorpost reads and writes.
    var version: Int { steps.count }

    static let current = Migrations(steps: [
        Step(name: "1-tables", sql: tables), Step(name: "2-web", sql: web),
        Step(name: "3-clients", sql: clients), Step(name: "4-groups", sql: groups),
        Step(name: "5-kept", sql: kept), Step(name: "6-rounds", sql: rounds),
        Step(name: "7-hosts", sql: hosts),
    ])

    /// Takes the steps that are missing, each in a transaction of its own with its version.
    func apply(to queue: DatabaseQueue) throws {
        var migrator = DatabaseMigrator()
        for (index, step) in steps.enumerated() {
            migrator.registerMigration(step.name) { db in
                try db.execute(sql: step.sql)
                try db.execute(sql: "PRAGMA user_version = \(index + 1)")
            }
        }
        try migrator.migrate(queue)
    }

    /// Times are whole milliseconds since 1970. Text compares byte by byte (BINARY): to the
    /// store no two different addresses are alike. Every index is there for a statement that a
    /// login or `purge` needs; `LoginPlanTests` watches that they are used.
    private static let tables = """
        PRAGMA application_id = \(Schema.applicationID);

        CREATE TABLE users (
            id TEXT NOT NULL PRIMARY KEY,
            email TEXT NOT NULL UNIQUE,
            login TEXT UNIQUE,
            name TEXT,
            group_names TEXT NOT NULL, -- a JSON array
            enabled INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE challenges (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            subject TEXT NOT NULL,
            user_id TEXT REFERENCES users (id) ON DELETE CASCADE, -- NULL: a decoy
            purpose TEXT NOT NULL,
            resume_key TEXT NOT NULL,
            code_hash BLOB NOT NULL, -- emptied at the end of the challenge
            attempts_left INTEGER NOT NULL CHECK (attempts_left >= 0),
            created_at INTEGER NOT NULL,
            mailed_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            consumed_at INTEGER,
            mail_key TEXT NOT NULL
        ) STRICT;
        CREATE INDEX challenges_subject ON challenges (subject, expires_at);
        CREATE INDEX challenges_user ON challenges (user_id) WHERE user_id IS NOT NULL;
        CREATE INDEX challenges_end ON challenges (expires_at);

        CREATE TABLE outbox (
            challenge INTEGER PRIMARY KEY REFERENCES challenges (number) ON DELETE CASCADE,
            id TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL,
            sealed BLOB NOT NULL, -- emptied when the challenge is consumed
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            claimed_until INTEGER,
            tries INTEGER NOT NULL,
            last_try_at INTEGER,
            last_answer TEXT NOT NULL
        ) STRICT;
        CREATE INDEX outbox_open ON outbox (created_at) WHERE state <> 'sent';

        CREATE TABLE limit_events (
            key TEXT NOT NULL,
            at INTEGER NOT NULL,
            number INTEGER NOT NULL, -- grows with every event of the key
            attempt TEXT,
            PRIMARY KEY (key, at, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX limit_events_attempt ON limit_events (attempt) WHERE attempt IS NOT NULL;
        CREATE INDEX limit_events_at ON limit_events (at);

        CREATE TABLE sessions (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            door TEXT NOT NULL,
            service TEXT NOT NULL,
            host TEXT NOT NULL,
            source TEXT NOT NULL,
            tty TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) STRICT;
        CREATE INDEX sessions_user ON sessions (user_id, created_at);
        CREATE INDEX sessions_created ON sessions (created_at);
        CREATE INDEX sessions_end ON sessions (coalesce(revoked_at, expires_at));

        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            user_id TEXT,
            door TEXT NOT NULL,
            service TEXT NOT NULL,
            host TEXT NOT NULL,
            source TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_user ON audit (user_id, sequence) WHERE user_id IS NOT NULL;
        CREATE INDEX audit_at ON audit (at);
        """

    /// Refresh families, sign-ups, retries, bounces, and sources that signed in before.
    private static let web = """
        ALTER TABLE users ADD COLUMN bounced_at INTEGER;
        ALTER TABLE users ADD COLUMN bounce_reason TEXT;
        CREATE INDEX users_bounced ON users (bounced_at) WHERE bounced_at IS NOT NULL;

        ALTER TABLE challenges ADD COLUMN signup_email TEXT;
        ALTER TABLE challenges ADD COLUMN kept_until INTEGER; -- NULL: no longer than its code
        DROP INDEX challenges_end;
        CREATE INDEX challenges_end ON challenges (coalesce(kept_until, expires_at));

        ALTER TABLE outbox ADD COLUMN retry_at INTEGER;
        -- Couriers look here often, and failed mails stay for a week.
        CREATE INDEX outbox_queued ON outbox (created_at) WHERE state = 'queued';

        ALTER TABLE sessions ADD COLUMN source_key TEXT;
        ALTER TABLE sessions ADD COLUMN refresh_generation INTEGER; -- NULL: no refresh tokens
        ALTER TABLE sessions ADD COLUMN refreshed_at INTEGER;
        CREATE INDEX sessions_source ON sessions (source_key) WHERE source_key IS NOT NULL;
        """

    /// The Cognito API: app clients, keys for its administrators, and signatures that were used.
    private static let clients = """
        CREATE TABLE clients (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            secret BLOB, -- sealed; NULL: none
            flows TEXT NOT NULL, -- words
            id_lifetime INTEGER, -- milliseconds; NULL: as `tokens:` says
            access_lifetime INTEGER,
            refresh_lifetime INTEGER,
            session_lifetime INTEGER NOT NULL,
            refresh_grace INTEGER, -- NULL: refresh tokens are not rotated
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE api_keys (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            secret BLOB NOT NULL, -- sealed
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE used_signatures (
            signature TEXT NOT NULL PRIMARY KEY,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX used_signatures_end ON used_signatures (expires_at);
        """

    /// Groups of their own, and what administrators look users up by. `users.group_names` stays
    /// what a sign-in reads; `group_members` is the same the other way round.
    private static let groups = """
        CREATE TABLE user_groups (
            name TEXT NOT NULL PRIMARY KEY,
            details TEXT,
            precedence INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE group_members (
            group_name TEXT NOT NULL REFERENCES user_groups (name) ON DELETE CASCADE,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            PRIMARY KEY (group_name, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX group_members_user ON group_members (user_id);

        INSERT INTO user_groups (name, created_at)
            SELECT value, min(created_at) FROM users, json_each(group_names) GROUP BY value;
        INSERT OR IGNORE INTO group_members (group_name, user_id)
            SELECT value, users.id FROM users, json_each(group_names);

        ALTER TABLE users ADD COLUMN modified_at INTEGER; -- NULL: not since created_at
        CREATE INDEX users_name ON users (name, id) WHERE name IS NOT NULL;
        CREATE INDEX users_disabled ON users (email) WHERE enabled = 0;
        """

    /// So that a purge finds the unsent mails of dead codes without looking through the codes.
    private static let kept = """
        ALTER TABLE outbox ADD COLUMN kept INTEGER; -- 1: failed, and its code is dead
        UPDATE outbox SET kept = 1 WHERE challenge IN (
            SELECT number FROM challenges WHERE kept_until IS NOT NULL);
        CREATE INDEX outbox_unkept ON outbox (expires_at) WHERE state <> 'sent' AND kept IS NULL;
        """

    /// Challenges that triggers make, which are answered in rounds.
    private static let rounds = """
        ALTER TABLE challenges ADD COLUMN sealed_rounds BLOB; -- NULL: nothing is kept
        """

    /// Machines that ask this one, and by whom each source is known.
    private static let hosts = """
        CREATE TABLE hosts (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            key_hash BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX hosts_live ON hosts (name) WHERE revoked_at IS NULL;

        DROP INDEX sessions_source;
        CREATE INDEX sessions_source ON sessions (source_key, user_id)
            WHERE source_key IS NOT NULL;
        """
}
