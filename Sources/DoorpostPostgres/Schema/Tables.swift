/// The tables, as SQLite's: the same names, the same meanings.
enum Tables {
    /// Times are whole milliseconds since 1970. Text compares byte by byte ("C"): to the store no
    /// two different addresses are alike. Every index is there for a statement that a login or
    /// `purge` needs.
    static let first = """
        CREATE TABLE users (
            id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            email TEXT COLLATE "C" NOT NULL UNIQUE,
            login TEXT COLLATE "C" UNIQUE,
            name TEXT COLLATE "C",
            group_names JSONB NOT NULL, -- an array; what a sign-in reads
            enabled BOOLEAN NOT NULL,
            created_at BIGINT NOT NULL,
            modified_at BIGINT, -- NULL: not since created_at
            bounced_at BIGINT,
            bounce_reason TEXT
        );
        CREATE INDEX users_bounced ON users (bounced_at) WHERE bounced_at IS NOT NULL;
        CREATE INDEX users_name ON users (name, id) WHERE name IS NOT NULL;
        CREATE INDEX users_disabled ON users (email) WHERE NOT enabled;

        CREATE TABLE user_groups (
            name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            details TEXT,
            precedence BIGINT,
            created_at BIGINT NOT NULL
        );

        CREATE TABLE group_members (
            group_name TEXT COLLATE "C" NOT NULL REFERENCES user_groups (name) ON DELETE CASCADE,
            user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            PRIMARY KEY (group_name, user_id)
        );
        CREATE INDEX group_members_user ON group_members (user_id);

        CREATE TABLE challenges (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT COLLATE "C" NOT NULL UNIQUE,
            subject TEXT COLLATE "C" NOT NULL,
            user_id TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE, -- NULL: a decoy
            signup_email TEXT COLLATE "C",
            purpose TEXT NOT NULL,
            resume_key TEXT NOT NULL,
            code_hash BYTEA NOT NULL, -- emptied at the end of the challenge
            sealed_rounds BYTEA, -- NULL: nothing is kept
            attempts_left BIGINT NOT NULL CHECK (attempts_left >= 0),
            created_at BIGINT NOT NULL,
            mailed_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL,
            consumed_at BIGINT,
            kept_until BIGINT, -- NULL: no longer than its code
            mail_key TEXT NOT NULL
        );
        CREATE INDEX challenges_subject ON challenges (subject, expires_at);
        CREATE INDEX challenges_user ON challenges (user_id) WHERE user_id IS NOT NULL;
        CREATE INDEX challenges_end ON challenges (coalesce(kept_until, expires_at));

        CREATE TABLE outbox (
            challenge BIGINT PRIMARY KEY REFERENCES challenges (number) ON DELETE CASCADE,
            id TEXT COLLATE "C" NOT NULL UNIQUE,
            user_id TEXT NOT NULL,
            sealed BYTEA NOT NULL, -- emptied when the challenge is consumed
            state TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL,
            claimed_until BIGINT,
            tries BIGINT NOT NULL,
            last_try_at BIGINT,
            last_answer TEXT NOT NULL,
            retry_at BIGINT,
            kept BOOLEAN NOT NULL DEFAULT false -- failed, and its code is dead
        );
        CREATE INDEX outbox_open ON outbox (created_at) WHERE state <> 'sent';
        CREATE INDEX outbox_queued ON outbox (created_at) WHERE state = 'queued';
        CREATE INDEX outbox_unkept ON outbox (expires_at) WHERE state <> 'sent' AND NOT kept;

        CREATE TABLE limit_events (
            key TEXT COLLATE "C" NOT NULL,
            at BIGINT NOT NULL,
            number BIGINT NOT NULL, -- grows with every event of the key
            attempt TEXT,
            PRIMARY KEY (key, at, number)
        );
        CREATE INDEX limit_events_attempt ON limit_events (attempt) WHERE attempt IS NOT NULL;
        CREATE INDEX limit_events_at ON limit_events (at);

        CREATE TABLE sessions (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT COLLATE "C" NOT NULL UNIQUE,
            user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            door TEXT NOT NULL,
            service TEXT NOT NULL,
            host TEXT NOT NULL,
            source TEXT NOT NULL,
            source_key TEXT,
            tty TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL,
            revoked_at BIGINT,
            refresh_generation BIGINT, -- NULL: no refresh tokens
            refreshed_at BIGINT
        );
        CREATE INDEX sessions_user ON sessions (user_id, created_at);
        CREATE INDEX sessions_created ON sessions (created_at);
        CREATE INDEX sessions_end ON sessions (coalesce(revoked_at, expires_at));
        CREATE INDEX sessions_source ON sessions (source_key) WHERE source_key IS NOT NULL;

        CREATE TABLE audit (
            sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at BIGINT NOT NULL,
            kind TEXT NOT NULL,
            user_id TEXT,
            door TEXT NOT NULL,
            service TEXT NOT NULL,
            host TEXT NOT NULL,
            source TEXT NOT NULL,
            detail TEXT NOT NULL
        );
        CREATE INDEX audit_user ON audit (user_id, sequence) WHERE user_id IS NOT NULL;
        CREATE INDEX audit_at ON audit (at);

        CREATE TABLE clients (
            id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            name TEXT COLLATE "C" NOT NULL UNIQUE,
            secret BYTEA, -- sealed; NULL: none
            flows TEXT NOT NULL, -- words
            id_lifetime BIGINT, -- milliseconds; NULL: as `tokens:` says
            access_lifetime BIGINT,
            refresh_lifetime BIGINT,
            session_lifetime BIGINT NOT NULL,
            refresh_grace BIGINT, -- NULL: refresh tokens are not rotated
            created_at BIGINT NOT NULL
        );

        CREATE TABLE api_keys (
            id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            name TEXT COLLATE "C" NOT NULL UNIQUE,
            secret BYTEA NOT NULL, -- sealed
            created_at BIGINT NOT NULL
        );

        CREATE TABLE used_signatures (
            signature TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            expires_at BIGINT NOT NULL
        );
        CREATE INDEX used_signatures_end ON used_signatures (expires_at);

        CREATE TABLE locks ( -- rows that are held while something is counted
            key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            made_at BIGINT NOT NULL -- by the server's clock, as in `commits`
        );
        CREATE INDEX locks_made ON locks (made_at);

        CREATE TABLE commits ( -- what became of transactions whose answer may be lost
            name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            happened BOOLEAN NOT NULL,
            made_at BIGINT NOT NULL
        );
        CREATE INDEX commits_made ON commits (made_at)
        """

    /// Machines that ask this Doorpost, and by whom each source is known.
    static let hosts = """
        CREATE TABLE hosts (
            id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
            name TEXT COLLATE "C" NOT NULL,
            key_hash BYTEA NOT NULL,
            created_at BIGINT NOT NULL,
            revoked_at BIGINT
        );
        CREATE UNIQUE INDEX hosts_live ON hosts (name) WHERE revoked_at IS NULL;

        DROP INDEX sessions_source;
        CREATE INDEX sessions_source ON sessions (source_key, user_id)
            WHERE source_key IS NOT NULL
        """
}
