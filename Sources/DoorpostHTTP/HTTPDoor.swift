import HTTPTypes
package import HummingbirdCore
package import Logging
package import NIOCore
import Synchronization

/// Decodes requests, hands them to the flow, encodes what comes back. No rule about codes
/// lives here.
package final class HTTPDoor: Sendable {
    private let parts: Mutex<HTTPDoorParts>
    private let logger: Logger

    package init(_ parts: HTTPDoorParts, logger: Logger) {
        self.parts = Mutex(parts)
        self.logger = logger
    }

    /// Another configuration for the requests that come from now on.
    package func replace(_ parts: HTTPDoorParts) {
        self.parts.withLock { $0 = parts }
    }

    /// Answers one request: what ``HTTP1Channel`` calls.
    @concurrent @Sendable package func respond(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        try await writer.writeResponse(HTTPResponse(status: .notFound))
    }
}
