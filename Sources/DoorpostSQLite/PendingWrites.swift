import GRDB
import Synchronization

/// The writes that wait for the connection. Whoever gets it next makes one commit of all of
/// them: under load a commit's fsync, which costs more than everything else in it, is shared.
final class PendingWrites: Sendable {
    private let waiting = Mutex<[PendingWrite]>([])

    /// So many at once, at most: a reader of another process must not wait long.
    private static let largestCommit = 64

    /// How many wait.
    var count: Int { waiting.withLock { $0.count } }

    func add(_ write: PendingWrite) {
        waiting.withLock { $0.append(write) }
    }

    /// Takes a write back that nobody has begun.
    func remove(_ write: PendingWrite) {
        waiting.withLock { $0.removeAll { $0 === write } }
    }

    /// Takes those that have waited longest, and always the caller's own.
    func take(with own: PendingWrite) -> [PendingWrite] {
        waiting.withLock { waiting in
            var taken = Array(waiting.prefix(Self.largestCommit))
            waiting.removeFirst(taken.count)
            if !taken.contains(where: { $0 === own }) {
                taken.append(own)
                waiting.removeAll { $0 === own }
            }
            return taken
        }
    }
}

/// The statements of one call, and what came of them.
///
/// Unchecked because it is made on the thread of its caller and run on that of another.
/// Invariant: after it was added to ``PendingWrites``, it is touched only on the queue of the
/// connection, by one thread at a time; its caller does not return before it is finished.
final class PendingWrite: @unchecked Sendable {
    private var body: ((Database) throws -> Void)?
    private(set) var outcome: Result<Void, any Error>?
    /// Why its own statements were rolled back, while the transaction goes on.
    private var failure: (any Error)?

    init(_ body: @escaping (Database) throws -> Void) {
        self.body = body
    }

    /// Runs the statements.
    func run(_ db: Database) throws {
        try body?(db)
    }

    /// Runs the statements so that an error undoes only them. An error that has undone the
    /// whole transaction is thrown on.
    func runApart(_ db: Database) throws {
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
}

extension Database {
    /// Runs the writes in one transaction and finishes each of them.
    func commit(_ writes: [PendingWrite]) {
        let ending = Result<Void, any Error> {
            try inTransaction(.immediate) {
                if writes.count == 1 {
                    try writes[0].run(self)
                } else {
                    for write in writes { try write.runApart(self) }
                }
                return .commit
            }
        }
        for write in writes { write.finish(ending) }
    }
}
