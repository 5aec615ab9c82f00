import DoorpostCognito
import DoorpostHTTP
import DoorpostSetup
import Logging
import Synchronization

/// The endpoint as it runs: what a reload replaces, and who is told.
final class Serving: Sendable {
    let door: HTTPDoor
    let courier: OutboxCourier
    private let parts: Mutex<ServingParts>
    private let tls: ServingTLS?
    private let notifier: SystemdNotifier
    private let logger: Logger

    init(
        _ parts: ServingParts, metrics: DoorMetrics, tls: ServingTLS?, notifier: SystemdNotifier,
        logger: Logger
    ) {
        let relay = RelayHealth(metrics: metrics, logger: logger)
        let chores = ThreadPool(4)
        courier = OutboxCourier(
            parts.tools, relay: relay, metrics: metrics, logger: logger, chores: chores)
        door = HTTPDoor(
            parts.door(courier),
            watch: DoorWatch(
                metrics: metrics,
                readiness: ReadinessCheck(relay: relay, threads: chores, logger: logger),
                threads: chores, logger: logger),
            adding: { routes in
                routes.addCognito(pool: parts.configuration.pool, metrics: metrics, logger: logger)
            })
        self.parts = Mutex(parts)
        self.tls = tls
        self.notifier = notifier
        self.logger = logger
    }

    func isReady() {
        notifier.ready("serving")
    }

    func isStopping() {
        logger.notice("finishing the requests in progress")
        notifier.stopping()
    }

    /// Reads the configuration and the certificate again. All that can be wrong is found before
    /// anything is replaced.
    func reload() {
        notifier.reloading()
        do {
            try replaceParts()
            logger.notice("the configuration was read again and holds from now on")
            notifier.ready("serving")
        } catch {
            logger.error("not reloaded, the old configuration stays: \(ErrorText.of(error))")
            notifier.ready("serving; the last reload failed, see the log")
        }
    }

    private func replaceParts() throws {
        let old = parts.withLock { $0 }
        let configuration = try Configuration.load(path: old.configuration.path)
        let new = try old.reconfigured(configuration)
        try tls?.reload(configuration)
        warnAboutFixed(old.configuration, configuration)
        door.replace(new.door(courier))
        courier.replace(new.tools)
        parts.withLock { $0 = new }
    }

    private func warnAboutFixed(_ old: Configuration, _ new: Configuration) {
        let hadTLS = old.http.tlsCertificate != nil
        let changed = [
            ("http.listen", old.http.listen != new.http.listen),
            ("http.tls_certificate", hadTLS != (new.http.tlsCertificate != nil)),
            ("pool", old.pool != new.pool),
            ("store", old.store != new.store),
            ("run_as", old.runAs != new.runAs),
        ].filter(\.1).map(\.0)
        guard !changed.isEmpty else { return }
        logger.warning(
            "changed, but in use until doorpost is restarted: \(changed.joined(separator: ", "))")
    }
}
