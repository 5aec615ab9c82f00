import DoorpostCore
import GRDB
import Glibc

/// Finds a file that was put back to what it once was, by hand or with the whole disk: the codes
/// that were used since, and the sessions that were ended, are good in it.
struct RollbackWatch {
    var boot: Boot?
    var now: Timestamp

    /// In this run of the kernel, and now.
    static var current: Self {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        return Self(boot: .current, now: Timestamp(milliseconds: now))
    }

    /// Compares the store with the mark in its lock file, ends what must not go on, and sets the
    /// mark. The lock is held.
    ///
    /// - Parameter isNew: whether the store was made just now; then a mark is that of another.
    func look(at queue: DatabaseQueue, _ lock: WriteLock, isNew: Bool) throws {
        var number = try queue.unsafeRead { try $0.lastAuditNumber() }
        let mark = isNew ? nil : lock.mark
        if let mark, number < mark.number {
            let record = record(number, mark)
            number = try queue.write { db in
                try db.endAll(keepsSessions: false, audit: record)
                return try db.lastAuditNumber()
            }
        } else if let before = mark?.boot, let boot, before != boot {
            try queue.write { try $0.endLiveChallenges(at: now) }
        }
        let next = Mark(number: number, boot: boot ?? mark?.boot)
        if next != mark { lock.set(next) }
    }

    private func record(_ number: Int64, _ mark: Mark) -> AuditEvent {
        AuditEvent(
            at: now, kind: .storeRestored, user: nil, door: "admin", service: "doorpost",
            detail: "the file was put back to an older state: its trail ended at \(number), "
                + "and had come to \(mark.number)")
    }
}

extension Database {
    /// The highest number that the audit trail has given, whether or not the record is still there.
    func lastAuditNumber() throws -> Int64 {
        try row("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")?[0] ?? 0
    }

    /// Ends what must not come to life again in a store of an older time: codes and mails of then
    /// are deleted, and sessions ended, since one that was signed out of since, or a refresh token
    /// that was spent since, would be good once more.
    func endAll(keepsSessions: Bool, audit: AuditEvent) throws {
        try execute(sql: "DELETE FROM outbox")
        try execute(sql: "DELETE FROM challenges")
        if !keepsSessions {
            try execute(
                sql: "UPDATE sessions SET revoked_at = ? WHERE revoked_at IS NULL",
                arguments: [audit.at.milliseconds])
        }
        try append(audit)
    }

    /// Ends the codes that are out, and takes back the mails that have not gone: a disk that was
    /// put back to what it was is booted from, and no code outlives that.
    fileprivate func endLiveChallenges(at now: Timestamp) throws {
        let live = "SELECT number FROM challenges WHERE coalesce(kept_until, expires_at) > ?"
        let arguments: StatementArguments = [now.milliseconds]
        try execute(
            sql: "DELETE FROM outbox WHERE state = 'queued' AND challenge IN (\(live))",
            arguments: arguments)
        try execute(
            sql: "UPDATE outbox SET sealed = x'' WHERE challenge IN (\(live))",
            arguments: arguments)
        try execute(
            sql: """
                UPDATE challenges SET expires_at = min(expires_at, ?2), code_hash = x'',
                    sealed_rounds = NULL
                WHERE coalesce(kept_until, expires_at) > ?1 AND consumed_at IS NULL
                """, arguments: [now.milliseconds, now.milliseconds])
    }
}
