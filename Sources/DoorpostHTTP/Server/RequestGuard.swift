import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Holds a connection to ``ServerLimits`` and ``RequestRules``: between the HTTP/1 decoder and
/// everybody who answers. One per connection, used on its event loop only.
final class RequestGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let table: ConnectionTable
    private let rules: RequestRules
    private let isTLS: Bool
    private var progress: RequestProgress
    private var context: ChannelHandlerContext?
    private var isHandshakeNoted = false
    /// What to say when the answers that are owed are written.
    private var refusalDue: APIError?
    private var isHTTP10 = false
    private var isClosed = false
    private var isDraining = false
    /// Under what the client has its share of the connections; nil has none.
    let source: String?
    /// In the table's queues of those who wait for their client.
    lazy var place = WaitingQueue.Place(of: self)
    lazy var placeInSource = WaitingQueue.Place(of: self)
    /// Those of its source; the table's to set.
    var queueOfSource: WaitingQueue?

    init(_ table: ConnectionTable, source: String?, isTLS: Bool) {
        self.table = table
        self.source = source
        self.isTLS = isTLS
        rules = RequestRules(limits: table.limits)
        progress = RequestProgress(now: .now())
    }

    var isEnding: Bool { progress.isEnding }

    // MARK: The handler's life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        table.admit(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        table.remove(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        table.remove(self)
        context.fireChannelInactive()
    }

    // MARK: What the client sends

    func bytesArrived() {
        if !progress.isLast { progress.bytesArrived(now: .now()) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !progress.isEnding, refusalDue == nil else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard !progress.isLast else { return }
            headArrived(head, context, data)
        case .body(let bytes):
            guard case .body = progress.reading else { return }
            if progress.bodyArrived(bytes.readableBytes) > table.limits.bodyBytes {
                refuse(.bodyTooLarge)
            } else {
                context.fireChannelRead(data)
            }
        case .end:
            guard case .body = progress.reading else { return }
            progress.requestComplete()
            if progress.inHand > 0 { table.dequeue(self) } else { settle() }
            context.fireChannelRead(data)
        }
    }

    private func headArrived(
        _ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ data: NIOAny
    ) {
        if progress.unanswered >= table.limits.pipelined { return progress.takeNoMore() }
        if let refusal = rules.refusal(of: head) { return refuse(refusal) }
        progress.headArrived(now: .now())
        isHTTP10 = head.version == .http1_0
        if isDraining || !RequestRules.keepsAlive(head) { progress.takeNoMore() }
        if RequestRules.awaitsContinue(head), progress.unanswered == 1 {
            let word = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(word)), promise: nil)
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            progress.takeNoMore()
            if progress.isEnding || progress.unanswered == 0 { close() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            note(error, from: context.channel)
            return close()
        }
        // What comes after the last request is no request, and no error of one.
        guard !progress.isEnding, !progress.isLast || progress.isReading else { return }
        refuse(RequestRules.refusal(for: error))
    }

    /// A client that does not trust our certificate says so in its last word, and nobody else
    /// here would ever hear of it.
    private func note(_ error: any Error, from channel: any Channel) {
        guard case .handshakeFailed(let reason)? = error as? NIOSSLError else {
            return table.logger.debug("a connection failed", metadata: ["reason": "\(error)"])
        }
        // Its end is told as another failure.
        guard !isHandshakeNoted else { return }
        isHandshakeNoted = true
        table.logger.info(
            "TLS handshake failed",
            metadata: [
                "source": "\(channel.remoteAddress?.ipAddress ?? "")",
                "reason": "\(HandshakeFailure.text(reason))",
            ])
    }

    // MARK: What goes back

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !progress.isEnding else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            progress.answerBegan()
            context.write(wrapOutboundOut(.head(prepared(head))), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            progress.answerEnded(now: .now())
            if progress.inHand == 0, !isClosed { table.enqueue(self) }
            settle()
        }
    }

    /// An answer's head with what is ours to say about the connection.
    private func prepared(_ head: HTTPResponseHead) -> HTTPResponseHead {
        var head = head
        if isHTTP10 { head.version = .http1_0 }
        if progress.isLast, progress.unanswered == 1, refusalDue == nil {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        return head
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // Whoever answers hangs up too; the one who does it first is us.
        if progress.isEnding, mode == .output {
            promise?.succeed()
        } else {
            context.close(mode: mode, promise: promise)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        progress.writability(context.channel.isWritable, now: .now())
        context.fireChannelWritabilityChanged()
    }

    /// Does what was put off until all answers that are owed are written.
    private func settle() {
        guard progress.inHand == 0, !progress.isEnding else { return }
        if let refusalDue {
            self.refusalDue = nil
            refuse(refusalDue)
        } else if progress.isLast, progress.unanswered == 0 {
            hangUp()
        }
    }

    private func refuse(_ refusal: APIError) {
        progress.takeNoMore()
        guard progress.inHand == 0 else {
            refusalDue = refusal
            return
        }
        guard let context, !progress.isAnswering else { return hangUp() }
        let answer = refusal.answer(id: "")
        var head = HTTPResponseHead(
            version: isHTTP10 ? .http1_0 : .http1_1, status: .init(statusCode: answer.status.code))
        for field in answer.headers {
            head.headers.add(name: field.name.rawName, value: field.value)
        }
        head.headers.add(name: "content-length", value: "\(answer.body.count)")
        head.headers.add(name: "connection", value: "close")
        let body = context.channel.allocator.buffer(bytes: answer.body)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        hangUp()
    }

    // MARK: The end

    /// Says that nothing more will come, and gives the client time to read what did: to close at
    /// once would reset a connection on which something unread waits, and the answer be lost.
    private func hangUp() {
        guard !progress.isEnding else { return }
        progress.end(now: .now())
        guard let context else { return }
        context.flush()
        context.close(mode: .output, promise: nil)
        context.read()
    }

    /// Cuts the connection. A TLS client is not waited for: that may be what we suffer from.
    func close() {
        guard !isClosed, let context else { return }
        isClosed = true
        table.dequeue(self)
        let tls = try? context.pipeline.syncOperations.context(
            handlerType: NIOSSLServerHandler.self)
        (tls ?? context).close(promise: nil)
    }

    /// Ends a connection on which nothing is under way. TLS clients are told that this is the
    /// end and nobody's attack.
    private func part() {
        if isTLS { hangUp() } else { close() }
    }

    /// Acts when the client has had its time.
    func tick(now: NIODeadline) {
        guard now >= progress.deadline(table.limits), !isClosed else { return }
        if progress.isIdle, !progress.isEnding {
            part()
        } else if progress.isEnding || progress.inHand > 0 || !progress.isReading {
            close()
        } else {
            refuse(.tooSlow)
        }
    }

    /// Takes nothing new; answers what has come.
    func drain() {
        isDraining = true
        // The request that is being read will be the last.
        if !progress.isReading { progress.takeNoMore() }
        if progress.isIdle { part() }
    }
}
