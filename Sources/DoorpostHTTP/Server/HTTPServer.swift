import Glibc
package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Accepts connections on a listening socket and has their requests answered.
///
/// Hummingbird's own server can neither adopt a socket that systemd has opened nor hold clients
/// to deadlines; its HTTP/1 channel does all the rest.
package struct HTTPServer: Service {
    private typealias Connection = HTTP1Channel.Value

    private let socket: ListeningSocket
    private let tls: ServerTLS?
    private let limits: ServerLimits
    private let http: HTTP1Channel
    private let logger: Logger
    private let share: @Sendable (_ peer: String) -> String?
    private let onListening: @Sendable () -> Void
    private let onConnections: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - tls: nil for plain HTTP.
    ///   - responder: answers a request.
    ///   - share: under what a peer, an address, has its share of the connections; nil has none.
    ///   - onListening: called once connections are accepted.
    ///   - onConnections: told by how many they have become more or fewer.
    package init(
        socket: ListeningSocket, tls: ServerTLS?, limits: ServerLimits = ServerLimits(),
        responder:
            @escaping @concurrent @Sendable (Request, consuming ResponseWriter, any Channel)
            async throws ->
            Void,
        logger: Logger,
        share: @escaping @Sendable (_ peer: String) -> String? = { _ in nil },
        onListening: @escaping @Sendable () -> Void = {},
        onConnections: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.socket = socket
        self.tls = tls
        self.limits = limits
        self.logger = logger
        self.share = share
        self.onListening = onListening
        self.onConnections = onConnections
        http = HTTP1Channel(
            responder: responder,
            configuration: .init(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerFields)))
    }

    /// Serves until it is asked to end, and then until what is in progress is done.
    package func run() async throws {
        let count = max(1, min(System.coreCount, 4))
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: count)
        do {
            try await serve(try await loops(of: threads, count: count), on: threads)
        } catch {
            try? await threads.shutdownGracefully()
            throw error
        }
        try await threads.shutdownGracefully()
    }

    private func loops(of threads: MultiThreadedEventLoopGroup, count: Int) async throws
        -> ServerLoops
    {
        let total = ConnectionCount(changed: onConnections)
        // Connections are dealt out in turn: what a loop can see of a source is as good as all.
        let share = max(limits.connectionsOfSource / count, 1)
        var loops = ServerLoops()
        for loop in threads.makeIterator() {
            let table = try await loop.submit {
                NIOLoopBound(
                    ConnectionTable(
                        loop, limits: limits, total: total, share: share, logger: logger),
                    eventLoop: loop)
            }.get()
            loops.add(loop, table)
        }
        return loops
    }

    private func serve(_ loops: ServerLoops, on threads: MultiThreadedEventLoopGroup) async throws {
        let (accepted, handOver) = AsyncStream<Connection>.makeStream()
        let listener = try await ServerBootstrap(group: threads)
            .serverChannelInitializer { channel in
                // Without open files to spare, waiting is better than trying without end.
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // What one read takes in bounds what a flood of pipelined requests becomes in memory.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096)
            )
            .childChannelInitializer { channel in
                setUp(channel, loops).map { _ = handOver.yield($0) }
            }
            .withBoundSocket(socket.descriptor).get()
        // NIO has asked for 128, whatever was asked before.
        _ = listen(socket.descriptor, ListeningSocket.backlog)
        listener.closeFuture.whenComplete { _ in
            loops.drain(within: limits.drain).whenComplete { _ in handOver.finish() }
        }
        logger.notice("listening on \(socket.url(isTLS: tls != nil))")
        onListening()
        // On an event loop, too: whoever blocks the threads for tasks does not stop the server.
        await withTaskExecutorPreference(loops.executor(of: listener.eventLoop)) {
            await withGracefulShutdownHandler {
                await answer(accepted, loops)
            } onGracefulShutdown: {
                listener.close(promise: nil)
            }
        }
        // Also when this task was cancelled.
        listener.close(promise: nil)
    }

    private func answer(_ accepted: AsyncStream<Connection>, _ loops: ServerLoops) async {
        await withDiscardingTaskGroup { connections in
            for await connection in accepted {
                let executor = loops.executor(of: connection.channel.eventLoop)
                connections.addTask(executorPreference: executor) {
                    await http.handle(value: connection, logger: logger)
                }
            }
        }
    }

    private func setUp(_ channel: any Channel, _ loops: ServerLoops) -> EventLoopFuture<Connection>
    {
        channel.eventLoop.makeCompletedFuture {
            let requests = RequestGuard(
                loops.table(of: channel.eventLoop),
                source: channel.remoteAddress?.ipAddress.flatMap(share), isTLS: tls != nil)
            let pipeline = channel.pipeline.syncOperations
            if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls.context)) }
            try pipeline.addHandler(ByteGuard(requests))
            return NIOLoopBound(requests, eventLoop: channel.eventLoop)
        }.flatMap { requests in
            http.setup(channel: channel, logger: logger).flatMapThrowing { connection in
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.handler(
                    type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(requests.value, position: .after(decoder))
                return connection
            }
        }
    }
}

/// The event loops, each with its connections and its way to run tasks.
private struct ServerLoops: Sendable {
    private struct Entry: Sendable {
        var loop: any EventLoop
        var table: NIOLoopBound<ConnectionTable>
        var executor: LoopExecutor
    }

    private var entries: [ObjectIdentifier: Entry] = [:]

    mutating func add(_ loop: any EventLoop, _ table: NIOLoopBound<ConnectionTable>) {
        entries[ObjectIdentifier(loop)] = Entry(
            loop: loop, table: table, executor: LoopExecutor(loop))
    }

    func table(of loop: any EventLoop) -> ConnectionTable {
        guard let entry = entries[ObjectIdentifier(loop)] else {
            preconditionFailure("connections come from our own loops")
        }
        return entry.table.value
    }

    func executor(of loop: any EventLoop) -> LoopExecutor? {
        entries[ObjectIdentifier(loop)]?.executor
    }

    /// Lets all connections end, and cuts those that have not when the time is over.
    ///
    /// - Returns: once every loop takes no more connections in.
    func drain(within time: TimeAmount) -> EventLoopFuture<Void> {
        var drained: [EventLoopFuture<Void>] = []
        for entry in entries.values {
            drained.append(entry.loop.submit { entry.table.value.drain() })
            entry.loop.scheduleTask(in: time) { entry.table.value.closeAll() }
        }
        guard let loop = entries.values.first?.loop else {
            preconditionFailure("a server has a thread")
        }
        return .andAllComplete(drained, on: loop)
    }
}
