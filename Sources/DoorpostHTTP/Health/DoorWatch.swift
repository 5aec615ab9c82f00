package import Logging

/// What watches over the door: counted, logged, and asked whether it is well.
package struct DoorWatch: Sendable {
    package var metrics: DoorMetrics
    package var readiness: ReadinessCheck
    /// Where the store is asked for gauges and readiness, apart from the work of requests.
    package var threads: any BlockingThreads
    package var logger: Logger

    package init(
        metrics: DoorMetrics, readiness: ReadinessCheck, threads: any BlockingThreads,
        logger: Logger
    ) {
        self.metrics = metrics
        self.readiness = readiness
        self.threads = threads
        self.logger = logger
    }
}
