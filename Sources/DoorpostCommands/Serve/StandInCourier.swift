import DoorpostCore
import DoorpostHTTP
import Logging

/// Stands in for the courier until that is built: delivers each mail at once, on a thread of its
/// own, and leaves what failed to whoever comes next.
struct StandInCourier: WebCourier {
    private let delivery: Delivery
    private let logger: Logger

    init(_ delivery: Delivery, logger: Logger) {
        self.delivery = delivery
        self.logger = logger
    }

    var relayIsDownFor: Span? { nil }

    func dispatch(_ mail: PendingMail) {
        Task.detached {
            if let failure = delivery.deliver(mail).failure {
                logger.error("a mail failed", metadata: ["reason": "\(failure)"])
            }
        }
    }
}
