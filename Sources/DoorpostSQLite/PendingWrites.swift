import Dispatch
import GRDB
import Synchronization

/// The writes that wait for the connection. One caller at a time leads: it makes one commit of
/// all that wait, so that under load a commit's fsync, which costs more than everything else in
/// it, is shared; the others sleep, and are woken once.
final class PendingWrites: Sendable {
    private struct Line {
        var waiting: [PendingWrite] = []
        var isLed = false
    }

    private let line = Mutex(Line())

    /// So many at once, at most: a reader of another process must not wait long.
    private static let largestCommit = 64

    /// How many wait.
    var count: Int { line.withLock { $0.waiting.count } }

    /// - Returns: whether the caller leads, since nobody else does. It calls ``passOn()`` then.
    func add(_ write: PendingWrite) -> Bool {
        line.withLock { line in
            line.waiting.append(write)
            defer { line.isLed = true }
            return !line.isLed
        }
    }

    /// Takes a write back that nobody has begun.
    func remove(_ write: PendingWrite) {
        line.withLock { $0.waiting.removeAll { $0 === write } }
    }

    /// Takes those that have waited longest. The leader's own is the first of them.
    func take() -> [PendingWrite] {
        line.withLock { line in
            let taken = Array(line.waiting.prefix(Self.largestCommit))
            line.waiting.removeFirst(taken.count)
            return taken
        }
    }

    /// Makes the caller that has waited longest the leader, if anybody waits.
    func passOn() {
        let next = line.withLock { line in
            line.isLed = !line.waiting.isEmpty
            return line.waiting.first
        }
        next?.wake()
    }
}

/// The statements of one call, and what came of them.
///
/// Unchecked because it is made on the thread of its caller and run on that of another.
/// Invariant: after it was added to ``PendingWrites``, only the leader touches it, until its caller
/// is woken; its caller does not return before it is finished.
final class PendingWrite: @unchecked Sendable {
    private var body: ((Database) throws -> Void)?
    private(set) var outcome: Result<Void, any Error>?
    /// Why its own statements were rolled back, while the transaction goes on.
    private var failure: (any Error)?
    private let turn = DispatchSemaphore(value: 0)

    init(_ body: @escaping (Database) throws -> Void) {
        self.body = body
    }

    /// Runs the statements. They may run again, when those of another have failed.
    fileprivate func run(_ db: Database) throws {
        try body?(db)
    }

    /// Runs the statements so that an error undoes only them. An error that has undone the
    /// whole transaction is thrown on.
    fileprivate func runApart(_ db: Database) throws {
        do {
            try db.inSavepoint {
                try run(db)
                return .commit
            }
        } catch {
            guard db.isInsideTransaction else { throw error }
            failure = error
        }
    }

    /// Says how the transaction ended. The closure goes now: it may use what belongs to the
    /// caller's stack.
    func finish(_ ending: Result<Void, any Error>) {
        body = nil
        outcome = failure.map { .failure($0) } ?? ending
    }

    /// Sleeps until a leader has finished this, or has passed the lead on to its caller.
    func wait() { turn.wait() }

    func wake() { turn.signal() }
}

extension Database {
    /// Runs the writes in one transaction.
    ///
    /// - Returns: how it ended: with the audit trail at this number.
    func commit(_ writes: [PendingWrite]) -> Result<Int64, any Error> {
        var isInStatements = false
        do {
            return .success(
                try inOneTransaction(writes) { write in
                    isInStatements = true
                    try write.run(self)
                    isInStatements = false
                })
        } catch {
            // A COMMIT that failed is never repeated.
            guard isInStatements, writes.count > 1 else { return .failure(error) }
        }
        // The statements of one failed, which is rare, and all of it is undone: once more, each
        // with a savepoint of its own, which costs as much as a statement.
        return Result { try inOneTransaction(writes) { try $0.runApart(self) } }
    }

    private func inOneTransaction(
        _ writes: [PendingWrite], _ run: (PendingWrite) throws -> Void
    ) throws -> Int64 {
        var number: Int64 = 0
        try inTransaction(.immediate) {
            for write in writes { try run(write) }
            number = try lastAuditNumber()
            return .commit
        }
        return number
    }
}
