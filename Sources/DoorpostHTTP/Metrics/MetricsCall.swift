import DoorpostCore
import HTTPTypes

/// `GET /metrics`: for Prometheus. A store that is down does not keep the rest from being read.
struct MetricsCall: Handler {
    private let metrics: DoorMetrics
    private let threads: any BlockingThreads
    private let statistics: Cached<MailStatistics?>

    /// - Parameter threads: where the store is asked about the outbox, every 5 seconds at most.
    init(
        _ metrics: DoorMetrics, threads: any BlockingThreads, uptime: any Uptime = SystemUptime()
    ) {
        self.metrics = metrics
        self.threads = threads
        statistics = Cached(for: .seconds(5), uptime: uptime)
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let (store, threads) = (door.flow.store, threads)
        let found = await statistics.value {
            await threads.run { try? store.mailStatistics() }
        }
        if let found { metrics.mailQueue(found, now: door.flow.clock.now) }
        return Answer(
            .ok,
            headers: [
                .contentType: "text/plain; version=0.0.4; charset=utf-8",
                .cacheControl: "no-store",
            ], body: Array(metrics.text.utf8))
    }
}
