import CPostgres
import DoorpostCore

/// One connection, with the statements that were prepared on it.
///
/// Unchecked because threads hand it on. Invariant: whoever took it from the ``Pool`` is the only
/// one who uses it, until it is given back.
final class Connection: @unchecked Sendable {
    private let handle: OpaquePointer
    private let timeout: Span
    /// When the call that uses it has run out of patience.
    var deadline: ContinuousClock.Instant?
    private var prepared: [String: String] = [:]

    /// Connects, and sees to it that the session is as the store needs it.
    ///
    /// - Parameter patience: how long one statement may take; the server is told, and should it
    ///   fall silent, the client waits for ``grace`` more.
    /// - Throws: ``PostgresFailure``: nobody answers, or it refuses us.
    init(_ address: PostgresAddress, patience: Span) throws {
        let (keywords, values) = address.parameters
        let opened = Self.withTexts(keywords) { keywords in
            Self.withTexts(values) { values in doorpost_pq_connect(keywords, values) }
        }
        guard let opened else {
            // SAFETY: a static text.
            throw PostgresFailure.library(String(cString: doorpost_pq_load_error()))
        }
        handle = opened
        timeout = Span(milliseconds: patience.milliseconds + Self.grace.milliseconds)
        guard doorpost_pq_is_open(handle) else {
            // SAFETY: a text of the connection, copied here.
            throw PostgresFailure.refused(String(cString: doorpost_pq_connection_error(handle)))
        }
        try run(Self.settings(patience))
    }

    deinit { doorpost_pq_close(handle) }

    /// How much later than the server the client gives up, so that an answer that says so is there.
    private static let grace = Span.seconds(1)

    /// - A statement that waits too long for a lock, and a transaction whose client has fallen
    ///   silent (its machine was cut off), end by themselves, and before others lose their patience:
    ///   where several of that client stand in line for a lock, the first keeps it for a second, and
    ///   after two none stands there any more. Between two statements we do next to nothing; who takes
    ///   a second there all the same begins again.
    /// - `synchronous_commit`: what is acknowledged is durable, whatever the database's default
    ///   says. More than that (`remote_apply`) is left as it is.
    private static func settings(_ patience: Span) -> String {
        """
        SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
        SET statement_timeout = \(patience.milliseconds);
        SET lock_timeout = \(patience.milliseconds * 2 / 3);
        SET idle_in_transaction_session_timeout = \(max(patience.milliseconds / 3, 1000));
        SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') IN ('off', 'local');
        """
    }

    /// Whether it may be used again.
    var isOpen: Bool { !isLost && doorpost_pq_is_open(handle) }
    /// Once an answer was not read to its end, or the server said that it is not the right one,
    /// there is no use in going on.
    private var isLost = false
    /// Whether the tables behind it were found to be of this Doorpost's version.
    var isOfOurSchema = false
    /// Whether the transaction that runs has changed anything.
    private(set) var hasWritten = false

    /// Executes text without values.
    ///
    /// - Parameter timeout: how long it may take; nil: as any statement.
    @discardableResult
    func run(_ sql: String, atMost timeout: Span? = nil) throws -> Answer {
        return try answer(doorpost_pq_run(handle, sql, wait(atMost: timeout)))
    }

    /// Executes a statement, prepared once a connection, every value bound.
    func execute(_ sql: String, _ values: [(any Bindable)?]) throws -> Answer {
        let name = try prepare(sql)
        var bytes: [CChar] = []
        var starts: [Int?] = []
        var lengths: [Int32] = []
        var formats: [Int32] = []
        for value in values {
            starts.append(value == nil ? nil : bytes.count)
            let begin = bytes.count
            switch value?.bound {
            case .text(let text): bytes += text.utf8.map { CChar(bitPattern: $0) } + [0]
            case .bytes(let blob): bytes += blob.map { CChar(bitPattern: $0) } + [0]
            case nil: break
            }
            lengths.append(Int32(max(bytes.count - begin - 1, 0)))
            if case .bytes = value?.bound { formats.append(1) } else { formats.append(0) }
        }
        let answer = try answer(
            bytes.withUnsafeBufferPointer { bytes in
                // SAFETY: the pointers lead into `bytes`, which outlives the call.
                let pointers = starts.map { start in
                    start.flatMap { index in bytes.baseAddress.map { $0 + index } }
                }
                return doorpost_pq_execute(
                    handle, name, Int32(pointers.count), pointers, lengths, formats, wait())
            })
        if !sql.hasPrefix("SELECT"), answer.affected > 0 { hasWritten = true }
        return answer
    }

    /// Begins a transaction and runs the body in it.
    func transaction<T>(_ body: (Transaction) throws -> T) throws -> T {
        var reached: LimitHit?
        while true {
            hasWritten = false
            isInTransaction = true
            try run("BEGIN")
            do {
                return try body(Transaction(self, reached: reached))
            } catch let missing as MissingLocks {
                leave()
                try makeLocks(missing.keys)
            } catch let late as SharedLimitReached {
                leave()
                reached = late.hit
            }
        }
    }

    /// Undoes what was not committed, so that the next one finds the connection free.
    func leave() {
        guard isInTransaction else { return }
        isInTransaction = false
        do {
            try run("ROLLBACK")
        } catch {
            isLost = true
        }
    }

    /// Whether there may be a transaction to undo.
    private var isInTransaction = false

    /// Leaves a row of this name and commits, in one message; where nothing was written, there is
    /// nothing to commit.
    ///
    /// - Throws: ``PostgresFailure``; if ``PostgresFailure/isEndOfConnection``, the transaction may
    ///   have happened, else it did not.
    func commit(_ name: CommitName) throws {
        guard hasWritten else { return }
        let answer = try run(name.commit)
        // The answer to the COMMIT of a transaction that has failed.
        guard answer.tag == "COMMIT" else {
            throw PostgresFailure(state: "25P02", message: "COMMIT was answered \(answer.tag)")
        }
        isInTransaction = false
    }

    private func prepare(_ sql: String) throws -> String {
        if let name = prepared[sql] { return name }
        let name = "s\(prepared.count)"
        _ = try answer(doorpost_pq_prepare(handle, name, sql, wait()))
        prepared[sql] = name
        return name
    }

    /// How long to wait for an answer, in milliseconds: no longer than the call that asks has left,
    /// but for the grace.
    private func wait(atMost timeout: Span? = nil) -> Int32 {
        if let timeout { return Int32(clamping: timeout.milliseconds) }
        let left = deadline.map { max(ContinuousClock.now.duration(to: $0), .zero) }
        let most = left.map { Int64($0.wholeMilliseconds) + Self.grace.milliseconds }
        return Int32(clamping: min(self.timeout.milliseconds, most ?? .max))
    }

    private func answer(_ result: OpaquePointer?) throws -> Answer {
        guard let result else {
            isLost = true
            throw PostgresFailure.lost("no answer in time, or the connection broke")
        }
        let answer = Answer(result)
        guard doorpost_pq_succeeded(result) else {
            // SAFETY: texts of the result, which lives until the end of this call; copied here.
            let failure = PostgresFailure(
                state: String(cString: doorpost_pq_sqlstate(result)),
                constraint: String(cString: doorpost_pq_constraint(result)),
                message: String(cString: doorpost_pq_error(result)))
            guard !failure.state.isEmpty else {
                isLost = true
                throw PostgresFailure.lost("the connection broke")
            }
            if failure.remedy == .elsewhere { isLost = true }
            throw failure
        }
        return answer
    }

    private static func withTexts<T>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> T?
    ) -> T? {
        let bytes = texts.map { Array($0.utf8CString) }
        let starts = bytes.indices.map { bytes[..<$0].reduce(0) { $0 + $1.count } }
        return bytes.flatMap(\.self).withUnsafeBufferPointer { bytes in
            // SAFETY: the pointers lead into `bytes`, which outlives the call; NULL ends the list.
            let pointers =
                starts.map { start in bytes.baseAddress.map { $0 + start } }
                + [UnsafePointer<CChar>?.none]
            return pointers.withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
        }
    }
}
