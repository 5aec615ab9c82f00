"""Fills a store with users who do nothing and challenges that are over."""

import sqlite3

# Random, as real ids are: what is looked up lies anywhere in the index.
ID = "lower(hex(randomblob(16)))"


def fill(path, users, challenges, now_ms, domain="filler.example"):
    """The users are user0@domain and so on."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    db.execute(f"""
        {count} INSERT INTO users (id, email, login, name, group_names, enabled, created_at)
        SELECT {ID}, 'user' || (i - 1) || '@' || ?, 'filler' || i, NULL, '[]', 1, ?
        FROM n""", (users, domain, now_ms))
    db.execute("CREATE TEMP TABLE picked AS SELECT id FROM users WHERE login LIKE 'filler%'")
    ids = "(SELECT id FROM picked WHERE rowid = 1 + i % ?)"
    db.execute(f"""
        {count} INSERT INTO challenges (id, subject, user_id, purpose, resume_key, code_hash,
            attempts_left, created_at, mailed_at, expires_at, mail_key)
        SELECT {ID}, 'user:' || {ids}, {ids}, 'pam sshd filler', hex(randomblob(8)), x'',
            3, ? - i, ? - i, ? - i, hex(randomblob(16))
        FROM n""", (challenges, users, users, *[now_ms - 600_000] * 3))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
