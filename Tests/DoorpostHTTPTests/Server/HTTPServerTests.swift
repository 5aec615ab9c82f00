import Foundation
import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import DoorpostHTTP

/// The end of a server whose answers take their time; all else is tested on the built program
/// (Tests/Web).
@Suite struct HTTPServerTests {
    @Test(.timeLimit(.minutes(1)))
    func `a request in progress is answered, and the connection then closed`() async throws {
        let gate = Gate()
        let begun = Gate()
        let socket = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        let group = Self.group(socket) { _, writer, _ in
            begun.open()
            await gate.wait()
            try await writer.writeResponse(
                HTTPResponse(status: .ok, headerFields: [.contentLength: "0"]))
        }
        async let end: Void = group.run()
        let client = try Client(port: socket.port)
        client.send("GET / HTTP/1.1\r\nHost: doorpost\r\n\r\n")
        await begun.wait()
        await group.triggerGracefulShutdown()
        gate.open()
        let answer = await client.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        try await end
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client that never finishes does not keep the server`() async throws {
        let begun = Gate()
        let socket = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        var limits = ServerLimits()
        limits.drain = .milliseconds(50)
        let group = Self.group(socket, limits) { request, writer, _ in
            begun.open()
            for try await _ in request.body {}
            try await writer.writeResponse(HTTPResponse(status: .ok))
        }
        async let end: Void = group.run()
        let client = try Client(port: socket.port)
        client.send("POST / HTTP/1.1\r\nHost: doorpost\r\nContent-Length: 9\r\n\r\nx")
        await begun.wait()
        await group.triggerGracefulShutdown()
        try await end
        #expect(await client.readToEnd() == "")
    }

    @Test(.timeLimit(.minutes(1)))
    func `what trickles in is refused when its time is over`() async throws {
        let socket = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        var limits = ServerLimits()
        limits.request = .milliseconds(300)
        let group = Self.group(socket, limits) { request, writer, _ in
            for try await _ in request.body {}
            try await writer.writeResponse(HTTPResponse(status: .ok))
        }
        async let end: Void = group.run()
        let client = try Client(port: socket.port)
        client.send("POST / HTTP/1.1\r\nHost: doorpost\r\nContent-Length: 9\r\n\r\nx")
        #expect(await client.readToEnd().hasPrefix("HTTP/1.1 408 "))
        await group.triggerGracefulShutdown()
        try await end
    }

    @Test(.timeLimit(.minutes(1)))
    func `a body without a length is refused once it is too large`() async throws {
        let socket = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        let group = Self.group(socket) { request, writer, _ in
            for try await _ in request.body {}
            try await writer.writeResponse(HTTPResponse(status: .ok))
        }
        async let end: Void = group.run()
        let client = try Client(port: socket.port)
        let chunk = "400\r\n" + String(repeating: "x", count: 1024) + "\r\n"
        client.send(
            "POST / HTTP/1.1\r\nHost: doorpost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(repeating: chunk, count: 16) + "1\r\nx\r\n")
        #expect(await client.readToEnd().hasPrefix("HTTP/1.1 413 "))
        await group.triggerGracefulShutdown()
        try await end
    }

    /// The flood of one source closes its own connections, and leaves room for its next one.
    @Test(.timeLimit(.minutes(1)))
    func `a source has its share of the connections, and takes none of the others'`() async throws {
        let socket = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        var limits = ServerLimits()
        limits.connections = 32
        let group = Self.group(socket, limits, share: { $0 == "127.0.0.9" ? nil : $0 }) {
            _, writer, _ in
            try await writer.writeResponse(
                HTTPResponse(status: .ok, headerFields: [.contentLength: "0"]))
        }
        async let end: Void = group.run()
        let others = try (0..<2).map { _ in try Client(port: socket.port, from: "127.0.0.2") }
        let exempt = try (0..<6).map { _ in try Client(port: socket.port, from: "127.0.0.9") }
        for client in others + exempt { #expect(await client.askAgain()) }
        let crowd = try (0..<40).map { _ in try Client(port: socket.port, from: "127.0.0.3") }
        // An eighth of 32 is 4.
        let deadline = ContinuousClock.now + .seconds(10)
        while crowd.count(where: { $0.isOver }) < 36, .now < deadline { await Task.yield() }
        #expect(crowd.count { $0.isOver } >= 36)
        let next = try Client(port: socket.port, from: "127.0.0.3")
        #expect(await next.askAgain())
        for client in others + exempt { #expect(await client.askAgain()) }
        await group.triggerGracefulShutdown()
        try await end
    }

    private static func group(
        _ socket: ListeningSocket, _ limits: ServerLimits = ServerLimits(),
        share: @escaping @Sendable (String) -> String? = { _ in nil },
        _ responder:
            @escaping @concurrent @Sendable (
                Request, consuming ResponseWriter, any Channel
            ) async throws -> Void
    ) -> ServiceGroup {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = HTTPServer(
            socket: socket, tls: nil, limits: limits, responder: responder, logger: logger,
            share: share)
        return ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)
                ], logger: logger))
    }
}

/// Opens once, and lets everybody through from then on.
private final class Gate: Sendable {
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func open() { continuation.finish() }

    func wait() async {
        for await _ in stream {}
    }
}

/// A plain TCP client.
private final class Client: Sendable {
    private let descriptor: CInt

    init(port: Int, from source: String = "127.0.0.1") throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        try #require(Self.with(source, 0) { bind(descriptor, $0, $1) } == 0)
        try #require(Self.with("127.0.0.1", port) { connect(descriptor, $0, $1) } == 0)
    }

    private static func with(
        _ host: String, _ port: Int,
        _ call: (UnsafePointer<sockaddr>?, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafeBytes(of: &address) { bytes in
            call(
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// Whether the server has hung up; asked while nothing is under way.
    var isOver: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN)
    }

    /// Whether the connection has one more request answered.
    func askAgain() async -> Bool {
        send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return await withCheckedContinuation { answered in
            Thread {
                var buffer = [UInt8](repeating: 0, count: 4096)
                answered.resume(returning: recv(self.descriptor, &buffer, 4096, 0) > 0)
            }.start()
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    /// On a thread of its own: whoever blocks those for tasks may stop the server, too.
    func readToEnd() async -> String {
        await withCheckedContinuation { text in
            Thread { text.resume(returning: self.readAll()) }.start()
        }
    }

    private func readAll() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += buffer[..<count]
        }
    }
}
