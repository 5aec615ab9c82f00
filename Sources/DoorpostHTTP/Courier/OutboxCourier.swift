package import DoorpostCore
package import Logging
import ServiceLifecycle
import Synchronization

/// Delivers the outbox: what requests have just queued, and what is due for other reasons — a
/// relay that asked to wait, a PAM helper that could not, a server that was killed.
///
/// Who has a mail's claim delivers it; so several couriers on one store are no trouble.
package final class OutboxCourier: WebCourier, Service {
    /// A claim with less left than this may end during the delivery.
    private static let freshClaim = OutboxItem.claimLength - .seconds(3)
    /// Mails that one look for due ones takes at most: one short transaction.
    private static let pollLimit = 64

    let pace: CourierPace
    let uptime: any Uptime
    let logger: Logger
    let relay: RelayHealth
    let housekeeping: Housekeeping
    /// Where mails are handed over.
    let workers: any BlockingThreads
    /// Where all else is done that blocks, so that it never waits for a slow relay.
    let chores: any BlockingThreads
    private let metrics: DoorMetrics
    private let currentTools: Mutex<CourierTools>
    private let hand: Mutex<MailsInHand>
    private let unrecorded: UnrecordedMails
    private let storeFails = Mutex(false)
    private let (idle, idleSignal) = AsyncStream.makeStream(of: Void.self)

    /// - Parameters:
    ///   - workers: as many threads as mails may be handed over at once.
    ///   - chores: at least three threads.
    package init(
        _ tools: CourierTools, relay: RelayHealth, metrics: DoorMetrics, logger: Logger,
        pace: CourierPace = CourierPace(), uptime: any Uptime = SystemUptime(),
        workers: (any BlockingThreads)? = nil, chores: (any BlockingThreads)? = nil
    ) {
        currentTools = Mutex(tools)
        self.relay = relay
        self.metrics = metrics
        self.logger = logger
        self.pace = pace
        self.uptime = uptime
        self.workers = workers ?? ThreadPool(pace.workers)
        self.chores = chores ?? ThreadPool(3)
        hand = Mutex(MailsInHand(capacity: pace.capacity))
        unrecorded = UnrecordedMails(uptime: uptime)
        housekeeping = Housekeeping(clock: tools.flow.clock, uptime: uptime, logger: logger)
    }

    /// Another configuration for the mails that come from now on.
    package func replace(_ tools: CourierTools) { currentTools.withLock { $0 = tools } }

    var tools: CourierTools { currentTools.withLock { $0 } }

    package var relayIsDownFor: Span? { relay.isDownFor }

    package func dispatch(_ mail: PendingMail) {
        switch hand.withLock({ $0.take(mail) }) {
        case .taken: workers.submit { self.work() }
        case .known: break
        case .refused: logger.debug("no room for a mail", metadata: ["mail": "\(mail.id)"])
        }
    }

    /// Takes mails whose turn it is. Blocks.
    func poll() {
        let tools = tools
        recordAgain(tools)
        let room = min(hand.withLock { $0.room }, Self.pollLimit)
        if room == 0 { return }
        let now = tools.flow.clock.now
        do {
            let due = try tools.flow.store.claimDueMails(
                now: now, until: now + OutboxItem.claimLength, limit: room)
            storeFails.withLock { $0 = false }
            for item in due { take(item, tools) }
        } catch {
            let isNew = storeFails.withLock { fails in
                defer { fails = true }
                return !fails
            }
            if isNew {
                logger.warning(
                    "due mails cannot be looked for", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Tells the store what it could not be told before.
    private func recordAgain(_ tools: CourierTools) {
        let (recorded, lost) = unrecorded.record(with: tools.delivery)
        hand.withLock { hand in
            for id in recorded + lost { hand.recorded(id) }
        }
        for id in lost {
            logger.error(
                "how a mail went could not be written down", metadata: ["mail": "\(id)"])
        }
    }

    private func take(_ item: OutboxItem, _ tools: CourierTools) {
        do {
            dispatch(try tools.flow.openMail(item))
        } catch {
            logger.error("a mail cannot be opened", metadata: ["reason": "\(error)"])
            putOff(item, reason: "\(error)", tools)
        }
    }

    /// Another Doorpost on this store, with the right secret key, may open it.
    private func putOff(_ item: OutboxItem, reason: String, _ tools: CourierTools) {
        let now = tools.flow.clock.now
        do {
            try tools.flow.store.mailFailed(
                item.id, answer: reason,
                retryAt: now + RetrySchedule.gap(afterTries: item.tries + 1),
                audit: AuditEvent(
                    at: now, kind: .mailFailed, user: nil, door: "", detail: reason))
        } catch {
            logger.warning("a mail cannot be put off", metadata: ["reason": "\(error)"])
        }
    }

    /// Hands over the mail that has waited longest.
    private func work() {
        guard let mail = hand.withLock({ $0.next() }) else { return }
        let unknown = deliver(mail)
        let isOver = hand.withLock { hand in
            hand.done(mail.id, isRecorded: unknown == nil)
            return hand.isClosed && hand.isIdle
        }
        // Not before: from now on it may be recorded, and be done with for good.
        if let unknown { unrecorded.add(mail, unknown) }
        if isOver { idleSignal.finish() }
    }

    /// - Returns: how it went, if the store could not be told.
    private func deliver(_ mail: PendingMail) -> Delivery.Outcome? {
        let tools = tools
        guard isStillOurs(mail, tools) else { return nil }
        let (start, began) = (ContinuousClock.now, uptime.now)
        let outcome = tools.delivery.handOver(mail)
        relay.learn(outcome.failure, began: began)
        report(outcome, of: mail, took: .now - start)
        do {
            try tools.delivery.record(outcome, of: mail)
            return nil
        } catch {
            logger.warning(
                "how a mail went cannot be written down yet",
                metadata: ["mail": "\(mail.id)", "reason": "\(error)"])
            return outcome
        }
    }

    /// Makes the claim last for the delivery, if the mail has waited.
    private func isStillOurs(_ mail: PendingMail, _ tools: CourierTools) -> Bool {
        let now = tools.flow.clock.now
        if mail.claimedUntil - now >= Self.freshClaim { return true }
        do {
            return try tools.flow.store.extendClaim(
                mail.id, from: mail.claimedUntil, until: now + OutboxItem.claimLength)
        } catch {
            // It is found again when its claim has ended.
            logger.warning(
                "a mail could not be kept",
                metadata: ["mail": "\(mail.id)", "reason": "\(error)"])
            return false
        }
    }

    private func report(_ outcome: Delivery.Outcome, of mail: PendingMail, took: Duration) {
        var metadata: Logger.Metadata = ["mail": "\(mail.id)", "try": "\(mail.tries + 1)"]
        guard let failure = outcome.failure else {
            metrics.mailTried(.sent, took: took)
            metrics.mailWaited(outcome.at - mail.createdAt)
            return logger.info("mail sent", metadata: metadata)
        }
        metrics.mailTried(failure.isTemporary ? .deferred : .failed, took: took)
        metadata["reason"] = "\(failure)"
        logger.warning(
            failure.isTemporary ? "mail not taken yet" : "mail refused", metadata: metadata)
    }

    /// Takes no more mails and gives back those that wait, so that others need not wait for
    /// their claims to end. Blocks.
    func close() {
        let (left, isIdle) = hand.withLock { hand in (hand.close(), hand.isIdle) }
        if isIdle { idleSignal.finish() }
        let tools = tools
        for mail in left {
            let now = tools.flow.clock.now
            do {
                _ = try tools.flow.store.extendClaim(
                    mail.id, from: mail.claimedUntil, until: now)
            } catch {
                break
            }
        }
    }

    /// Waits until the mails in hand are done with, after ``close()``.
    func waitUntilIdle() async {
        for await _ in idle {}
    }

    /// The last chance to tell the store what became of mails. Blocks.
    func recordForTheLastTime() { recordAgain(tools) }
}
