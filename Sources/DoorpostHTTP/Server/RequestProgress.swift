import NIOCore

/// Where a connection stands in the requests that it carries. Knows neither sockets nor handlers.
struct RequestProgress {
    /// What of a request has come so far.
    enum Reading: Equatable {
        case nothing
        case head(since: NIODeadline)
        case body(since: NIODeadline, bytes: Int)
    }

    private(set) var reading = Reading.nothing
    /// Requests handed on whose answers are not finished.
    private(set) var unanswered = 0
    /// Whether the answer that is due has begun.
    private(set) var isAnswering = false
    /// Nothing that comes now is read as a request any more.
    private(set) var isLast = false
    /// The answer that was the last is written; what is left is to hang up.
    private(set) var endingSince: NIODeadline?
    private var waitingSince: NIODeadline
    private var blockedSince: NIODeadline?
    private var isFresh = true

    init(now: NIODeadline) {
        waitingSince = now
    }

    var isEnding: Bool { endingSince != nil }

    /// Requests that have come whole: it is for us to do something, not for the client.
    var inHand: Int {
        guard case .body = reading, unanswered > 0 else { return unanswered }
        return unanswered - 1
    }

    /// A request has begun to come, and is not whole yet.
    var isReading: Bool { reading != .nothing }

    /// Nothing has come, and nothing is owed.
    var isIdle: Bool { !isReading && unanswered == 0 }

    /// When the client has had its time.
    func deadline(_ limits: ServerLimits) -> NIODeadline {
        if let endingSince { return endingSince + limits.linger }
        if let blockedSince { return blockedSince + limits.idle }
        if inHand > 0 { return .distantFuture }
        return switch reading {
        case .nothing: waitingSince + (isFresh ? limits.firstByte : limits.idle)
        case .head(let since): since + limits.head
        case .body(let since, _): since + limits.request
        }
    }

    mutating func bytesArrived(now: NIODeadline) {
        isFresh = false
        if reading == .nothing { reading = .head(since: now) }
    }

    mutating func headArrived(now: NIODeadline) {
        var since = now
        if case .head(let start) = reading { since = start }
        reading = .body(since: since, bytes: 0)
        unanswered += 1
    }

    /// - Returns: how much of the body has come.
    mutating func bodyArrived(_ count: Int) -> Int {
        guard case .body(let since, let bytes) = reading else { return 0 }
        reading = .body(since: since, bytes: bytes + count)
        return bytes + count
    }

    mutating func requestComplete() {
        reading = .nothing
    }

    mutating func answerBegan() {
        isAnswering = true
        // Where the rest of a request ends that nobody reads is not for us to guess.
        if case .body = reading, unanswered == 1 { isLast = true }
    }

    mutating func answerEnded(now: NIODeadline) {
        isAnswering = false
        unanswered = max(unanswered - 1, 0)
        guard inHand == 0 else { return }
        waitingSince = now
        // While answers were due it may have been us who did not read.
        switch reading {
        case .nothing: break
        case .head: reading = .head(since: now)
        case .body(_, let bytes): reading = .body(since: now, bytes: bytes)
        }
    }

    mutating func writability(_ isWritable: Bool, now: NIODeadline) {
        blockedSince = isWritable ? nil : blockedSince ?? now
    }

    mutating func takeNoMore() {
        isLast = true
    }

    mutating func end(now: NIODeadline) {
        isLast = true
        endingSince = now
    }
}
