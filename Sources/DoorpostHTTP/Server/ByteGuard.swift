import NIOCore

/// Sees a connection's bytes before the decoder does: tells ``RequestGuard`` that some came, and
/// keeps them from the decoder once no request is read any more.
final class ByteGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What a client may still send while it is being hung up on.
    private static let patience = 256 * 1024

    private let requests: RequestGuard
    private var discarded = 0

    init(_ requests: RequestGuard) {
        self.requests = requests
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard requests.isEnding else {
            requests.bytesArrived()
            context.fireChannelRead(data)
            return
        }
        discarded += unwrapInboundIn(data).readableBytes
        if discarded > Self.patience { context.close(promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Behind us nobody asks for more, since nothing arrives there.
        if requests.isEnding { context.read() }
        context.fireChannelReadComplete()
    }
}
