package import DoorpostCore
import GRDB

extension SQLiteStore {
    @discardableResult
    package func purge(now: Timestamp, limit: Int) throws(StoreError) -> Int {
        let events = (now - .longestWindow).milliseconds
        let history = (now - .days(90)).milliseconds
        let limit = max(limit, 0)
        return try write { db in
            // Mails before their challenges, so that they are in the count.
            try db.run(
                """
                DELETE FROM outbox WHERE challenge IN (
                    SELECT number FROM challenges WHERE expires_at <= ?
                    ORDER BY expires_at, number LIMIT ?)
                """, [now.milliseconds, limit])
                + db.run(
                    """
                    DELETE FROM challenges WHERE number IN (
                        SELECT number FROM challenges WHERE expires_at <= ?
                        ORDER BY expires_at, number LIMIT ?)
                    """, [now.milliseconds, limit])
                + db.run(
                    """
                    DELETE FROM limit_events WHERE (key, at, number) IN (
                        SELECT key, at, number FROM limit_events WHERE at < ?
                        ORDER BY at LIMIT ?)
                    """, [events, limit])
                + db.run(
                    """
                    DELETE FROM sessions WHERE number IN (
                        SELECT number FROM sessions WHERE coalesce(revoked_at, expires_at) < ?
                        ORDER BY coalesce(revoked_at, expires_at) LIMIT ?)
                    """, [history, limit])
                + db.run(
                    """
                    DELETE FROM audit WHERE sequence IN (
                        SELECT sequence FROM audit WHERE at < ? ORDER BY at LIMIT ?)
                    """, [history, limit])
        }
    }
}
