import Foundation
import Glibc
import Synchronization
import Testing

/// Stands between a store and its server, and loses the answer to a COMMIT.
final class PostgresProxy: Sendable {
    /// Where the line is cut.
    enum Cut: CaseIterable {
        /// The server never hears of the COMMIT.
        case beforeIt
        /// The server has done it, the client never hears of that.
        case afterIt
        /// The client is gone, and the server hears of the COMMIT only when somebody asks what
        /// became of it.
        case whileItIsAskedAbout
    }

    /// A directory with our socket.
    let directory: String
    private let server: String
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        /// What to do at the next COMMIT.
        var next: Cut?
        var cuts = 0
        var messages = 0
        var held: (bytes: [UInt8], name: String, upstream: Int32)?
    }

    /// How often a line was cut.
    var cuts: Int { state.withLock { $0.cuts } }

    /// How often the server was asked something.
    var messages: Int { state.withLock { $0.messages } }

    /// - Parameter server: the directory of its socket.
    init(in directory: String, before server: String) throws {
        self.directory = directory
        self.server = server
        listener = try Self.open(directory) { bind($0, $1, $2) }
        try #require(listen(listener, 16) == 0)
        Thread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 { serve(client) }
        }.start()
    }

    /// Takes no more connections.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Cuts at the next COMMIT.
    func cut(_ cut: Cut) { state.withLock { $0.next = cut } }

    private func serve(_ client: Int32) {
        guard let upstream = try? Self.open(server, { connect($0, $1, $2) }) else {
            close(client)
            return
        }
        let isMuted = Flag()
        Thread {
            Self.pump(from: upstream) { bytes in
                if isMuted.isSet { return false }
                Self.send(bytes, to: client)
                return true
            }
            shutdown(client, Int32(SHUT_RDWR))
        }.start()
        Thread { [self] in
            Self.pump(from: client) { pass($0, to: upstream, isMuted) }
            shutdown(client, Int32(SHUT_RDWR))
            let isHeld = state.withLock { $0.held?.upstream == upstream }
            if !isHeld { shutdown(upstream, Int32(SHUT_RDWR)) }
        }.start()
    }

    /// - Returns: whether the line goes on.
    private func pass(_ bytes: [UInt8], to upstream: Int32, _ isMuted: Flag) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let held = state.withLock { state in
            state.messages += 1
            defer { if let held = state.held, text.contains(held.name) { state.held = nil } }
            return state.held.flatMap { text.contains($0.name) ? $0 : nil }
        }
        if let held { Self.send(held.bytes, to: held.upstream) }
        guard text.contains("COMMIT"),
            let cut = state.withLock({ state in
                if state.next != nil { state.cuts += 1 }
                return state.next.take()
            })
        else {
            Self.send(bytes, to: upstream)
            return true
        }
        switch cut {
        case .beforeIt: break
        case .afterIt:
            isMuted.set()
            Self.send(bytes, to: upstream)
            // The one that reads from there ends when the answer has come.
            while !isMuted.wasHeeded { sched_yield() }
        case .whileItIsAskedAbout:
            isMuted.set()
            let name = text.split(separator: "'").dropFirst().first.map(String.init) ?? ""
            state.withLock { $0.held = (bytes, name, upstream) }
        }
        return false
    }

    private static func pump(from socket: Int32, _ pass: ([UInt8]) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(socket, &buffer, buffer.count)
            guard count > 0, pass(Array(buffer[..<count])) else { return }
        }
    }

    private static func send(_ bytes: [UInt8], to socket: Int32) {
        _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func open(
        _ directory: String,
        _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        let path = Array("\(directory)/.s.PGSQL.5432".utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        try #require(path.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let handle = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        return handle
    }
}

/// Set once; whoever heeds it says so.
private final class Flag: Sendable {
    private let state = Mutex((isSet: false, wasHeeded: false))
    func set() { state.withLock { $0.isSet = true } }
    var isSet: Bool {
        state.withLock { state in
            if state.isSet { state.wasHeeded = true }
            return state.isSet
        }
    }
    var wasHeeded: Bool { state.withLock { $0.wasHeeded } }
}
