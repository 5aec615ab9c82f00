import ServiceLifecycle
import UnixSignals

/// Reloads at every SIGHUP, and tells systemd when the end begins.
struct ReloadService: Service {
    let signals: UnixSignalsSequence
    let serving: Serving

    func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in signals.cancelOnGracefulShutdown() {
                serving.reload()
            }
        } onGracefulShutdown: {
            serving.isStopping()
        }
    }
}
