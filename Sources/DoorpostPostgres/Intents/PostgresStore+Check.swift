package import DoorpostCore

extension PostgresStore {
    /// Whether it answers, is of this version and takes writes, for `doctor`. Damage is for
    /// PostgreSQL's own tools to find.
    package func check() throws(StoreError) { try checkWritable() }

    package func checkWritable() throws(StoreError) {
        // What every commit writes, and nothing else.
        let name = CommitName()
        try write { db in
            try db.run(
                """
                INSERT INTO commits (name, happened, made_at)
                VALUES ($1, false, extract(epoch FROM now())::bigint * 1000)
                """, [name.text])
        }
    }
}
