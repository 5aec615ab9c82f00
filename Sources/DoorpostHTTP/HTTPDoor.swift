import DoorpostCore
import HTTPTypes
import Hummingbird
package import HummingbirdCore
import Logging
package import NIOCore
import Synchronization

/// Decodes requests, hands them to the flow, encodes what comes back. No rule about codes
/// lives here.
package final class HTTPDoor: Sendable {
    private let parts: Mutex<HTTPDoorParts>
    private let routes: Routes
    private let pool: BlockingPool
    private let date = HTTPDate()
    private let metrics: DoorMetrics
    private let logger: Logger

    /// The largest body that is read.
    package static let largestBody = 16 * 1024

    /// - Parameter others: adds the calls of another API that this server speaks.
    package init(
        _ parts: HTTPDoorParts, watch: DoorWatch, pool: BlockingPool = BlockingPool(),
        adding others: (inout Routes) -> Void = { _ in }
    ) {
        self.pool = pool
        self.parts = Mutex(parts)
        metrics = watch.metrics
        logger = watch.logger
        routes = .all(watch, adding: others)
    }

    /// Another configuration for the requests that come from now on.
    package func replace(_ parts: HTTPDoorParts) {
        self.parts.withLock { $0 = parts }
    }

    /// Under what a peer has its share of the connections; nil has none of its own.
    @Sendable package func share(ofPeer peer: String) -> String? {
        ClientSource.share(
            ofPeer: peer, trusting: parts.withLock { $0.settings.trustedProxies })
    }

    /// Answers one request: what ``HTTP1Channel`` calls.
    @concurrent @Sendable package func respond(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let began = ContinuousClock.now
        let door = parts.withLock { $0 }
        var call = Call(request, id: "\(RequestID())", from: channel, door.settings)
        var answer: Answer
        let policy = OriginPolicy(door.settings)
        let caller = policy.caller(call.headers)
        let handler = routes.handler(of: call)
        let crossOrigin = handler?.crossOrigin ?? .standard
        do throws(APIError) {
            guard HostPolicy(door.settings).isKnown(call.host) else { throw .misdirected }
            if call.method == .options, call.headers[.accessControlRequestMethod] != nil {
                answer = try policy.preflight(
                    call.headers, methods: routes.methods(of: call.path),
                    allowed: crossOrigin.allowed)
            } else {
                guard let handler else { throw routes.refusal(of: call) }
                // Whatever changes something: not from pages that may not call us.
                if call.method == .post, caller == .refused { throw .originRefused }
                call.body = try await Self.body(of: request)
                answer = try await run(handler, call, door)
                policy.share(&answer, with: caller, exposing: crossOrigin.exposed)
            }
        } catch {
            answer = handler?.answer(to: error, of: call) ?? error.answer(id: call.id)
            policy.share(&answer, with: caller, exposing: crossOrigin.exposed)
            if let detail = error.detail {
                logger.error("\(detail)", metadata: ["request": "\(call.id)"])
            }
        }
        SecurityHeaders(door.settings).add(to: &answer)
        answer.headers[.date] = date.text(door.flow.clock.now)
        report(call, answer, took: ContinuousClock.now - began)
        try await Self.write(answer, to: writer, isHead: call.method == .head)
    }

    /// On the pool's threads: the store blocks. One that is full is a server that is busy.
    private func run(_ handler: any Handler, _ call: Call, _ door: HTTPDoorParts)
        async throws(APIError) -> Answer
    {
        do {
            return try await pool.run { try await handler.answer(call, door) }
        } catch let error as APIError {
            throw error
        } catch is BlockingPool.Busy {
            throw .busy
        } catch {
            throw .internal("\(error)")
        }
    }

    private static func body(of request: Request) async throws(APIError) -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > largestBody {
            throw .bodyTooLarge
        }
        do {
            return Array(buffer: try await request.body.collect(upTo: largestBody))
        } catch is NIOTooManyBytesError {
            throw .bodyTooLarge
        } catch {
            throw .invalidRequest("The request ended before its body did.")
        }
    }

    @concurrent private static func write(
        _ answer: Answer, to writer: consuming ResponseWriter, isHead: Bool
    ) async throws {
        var head = HTTPResponse(status: answer.status, headerFields: answer.headers)
        if answer.status != .noContent {
            head.headerFields[.contentLength] = "\(answer.body.count)"
        }
        if isHead || answer.body.isEmpty {
            try await writer.writeResponse(head)
        } else {
            try await writer.write(
                response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        }
    }

    /// One line a request. The path is one of ours: what strangers make up is not written down.
    private func report(_ call: Call, _ answer: Answer, took: Duration) {
        let route = routes.name(of: call.path)
        metrics.requestAnswered(
            route: route, method: call.method.rawValue, status: answer.status.code, took: took)
        logger.info(
            "request",
            metadata: [
                "request": "\(call.id)", "method": "\(call.method.rawValue)",
                "path": "\(route)", "status": "\(answer.status.code)",
                "source": "\(call.source.text)",
                "ms": "\(took / .milliseconds(1))",
            ])
    }
}

extension Call {
    fileprivate init(
        _ request: Request, id: String, from channel: any Channel, _ settings: HTTPSettings
    ) {
        let target = request.head.path ?? ""
        var headers = request.headers
        // Hummingbird keeps it apart, as HTTP/2 does.
        headers[Self.hostField] = request.head.authority
        let path = target.prefix { $0 != "?" }
        self.init(
            method: request.method, path: String(path),
            query: path.endIndex == target.endIndex
                ? nil : String(target.dropFirst(path.count + 1)),
            headers: headers, body: [],
            source: ClientSource.of(
                peer: channel.remoteAddress?.ipAddress ?? "", headers: request.headers,
                trusting: settings.trustedProxies),
            id: id)
    }
}
