package import DoorpostCore
import Metrics
import Synchronization

/// What Doorpost counts and measures: one method an event, so that names and labels are spelled
/// here only.
package final class DoorMetrics: Sendable {
    private let registry: PrometheusRegistry
    private let initiates: OutcomeCounters<InitiateEvent>
    private let verifies: OutcomeCounters<VerifyEvent>
    private let resends: OutcomeCounters<ResendEvent>
    private let refreshes: OutcomeCounters<RefreshEvent>
    private let limits: OutcomeCounters<LimitName>
    private let mails: OutcomeCounters<MailEvent>
    private let mailDelivery: Timer
    private let mailWait: Timer
    private let mailGauges: MailGauges
    private let relayUp: Meter
    private let connections: Meter
    private let requests = Mutex<[RequestKind: Timer]>([:])
    private let store: [StoreIntent: Timer]

    /// - Parameter version: Doorpost's.
    package init(_ registry: PrometheusRegistry, version: String) {
        self.registry = registry
        registry.describeDoor()
        initiates = OutcomeCounters("doorpost_initiates_total", in: registry)
        verifies = OutcomeCounters("doorpost_verifies_total", in: registry)
        resends = OutcomeCounters("doorpost_resends_total", in: registry)
        refreshes = OutcomeCounters("doorpost_refreshes_total", in: registry)
        limits = OutcomeCounters("doorpost_limits_hit_total", label: "limit", in: registry)
        mails = OutcomeCounters("doorpost_mails_total", in: registry)
        mailDelivery = Timer(label: "doorpost_mail_delivery_seconds", factory: registry)
        mailWait = Timer(label: "doorpost_mail_wait_seconds", factory: registry)
        mailGauges = MailGauges(registry)
        relayUp = Meter(label: "doorpost_relay_up", factory: registry)
        connections = Meter(label: "doorpost_http_connections", factory: registry)
        store = Dictionary(
            uniqueKeysWithValues: StoreIntent.allCases.map { intent in
                let labels = [("intent", intent.rawValue)]
                return (
                    intent,
                    Timer(
                        label: "doorpost_store_duration_seconds", dimensions: labels,
                        factory: registry)
                )
            })
        Meter(label: "doorpost_build_info", dimensions: [("version", version)], factory: registry)
            .set(1)
    }

    /// All metrics, those of the process among them, as Prometheus reads them.
    package var text: String { registry.text + ProcessMetrics.text }

    package func initiated(_ event: InitiateEvent) { initiates.count(event) }
    package func verified(_ event: VerifyEvent) { verifies.count(event) }
    package func resent(_ event: ResendEvent) { resends.count(event) }
    package func refreshed(_ event: RefreshEvent) { refreshes.count(event) }
    package func limitHit(_ limit: LimitName) { limits.count(limit) }

    /// A mail was offered to the relay, which took so long to answer.
    package func mailTried(_ event: MailEvent, took: Duration) {
        mails.count(event)
        mailDelivery.recordNanoseconds(took.nanoseconds)
    }

    /// A mail is out that was queued so long ago.
    package func mailWaited(_ span: Span) {
        mailWait.recordNanoseconds(max(span.milliseconds, 0) * 1_000_000)
    }

    package func mailQueue(_ statistics: MailStatistics, now: Timestamp) {
        mailGauges.set(statistics, now: now)
    }

    package func relay(isUp: Bool) { relayUp.set(isUp ? 1 : 0) }

    package func connectionOpened() { connections.increment() }
    package func connectionClosed() { connections.decrement() }

    /// - Parameters:
    ///   - route: one of ours (``Routes/name(of:)``), so that strangers cannot make series.
    ///   - method: what is not common counts as `other`, for the same reason.
    package func requestAnswered(route: String, method: String, status: Int, took: Duration) {
        let kind = RequestKind(
            route: route, method: Self.methods.contains(method) ? method : "other", status: status)
        requests.withLock { timers in
            if let timer = timers[kind] { return timer }
            let timer = Timer(
                label: "doorpost_http_request_duration_seconds",
                dimensions: [
                    ("route", kind.route), ("method", kind.method), ("status", "\(kind.status)"),
                ], factory: registry)
            timers[kind] = timer
            return timer
        }.recordNanoseconds(took.nanoseconds)
    }

    package func storeAnswered(_ intent: StoreIntent, took: Duration) {
        store[intent]?.recordNanoseconds(took.nanoseconds)
    }

    private struct RequestKind: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private static let methods: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
}

extension Duration {
    /// For metrics; nothing that is measured takes 292 years.
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
