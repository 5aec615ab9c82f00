import DoorpostCore
import Metrics

/// The state of the outbox.
struct MailGauges: Sendable {
    private let queued: Meter
    private let failed: Meter
    private let oldest: Meter
    private let bounced: Meter

    init(_ registry: PrometheusRegistry) {
        func queue(_ state: String) -> Meter {
            Meter(
                label: "doorpost_mail_queue", dimensions: [("state", state)], factory: registry)
        }
        queued = queue("queued")
        failed = queue("failed")
        oldest = Meter(label: "doorpost_mail_oldest_seconds", factory: registry)
        bounced = Meter(label: "doorpost_addresses_bounced", factory: registry)
    }

    func set(_ statistics: MailStatistics, now: Timestamp) {
        queued.set(statistics.queued)
        failed.set(statistics.failed)
        let age = statistics.oldestQueuedAt.map { (now - $0).milliseconds } ?? 0
        oldest.set(Double(max(age, 0)) / 1000)
        bounced.set(statistics.bouncedAddresses)
    }
}
