import Logging
import NIOCore

/// Keeps what goes wrong with one connection that comes in from ending the server: whoever reads
/// the accepted connections takes the first error for the end.
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let logger: Logger

    private init(_ logger: Logger) {
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.warning("a connection was not accepted", metadata: ["reason": "\(error)"])
    }

    /// To be called while the server's channel is initialized.
    static func add(to channel: any Channel, _ logger: Logger) -> EventLoopFuture<Void> {
        // The errors come from a handler that is added after the initializer, in the same turn
        // of the loop; before the next one nothing is accepted.
        channel.eventLoop.execute {
            let pipeline = channel.pipeline.syncOperations
            do {
                let accepting = try pipeline.context(name: "AcceptHandler").handler
                try pipeline.addHandler(AcceptErrors(logger), position: .after(accepting))
            } catch {
                logger.error("errors of single connections will end the server: \(error)")
            }
        }
        return channel.eventLoop.makeSucceededVoidFuture()
    }
}
