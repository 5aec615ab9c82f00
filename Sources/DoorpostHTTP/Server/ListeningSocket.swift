import Glibc

/// A TCP socket that connections can be accepted from.
package struct ListeningSocket: Sendable {
    /// How many connections wait at most until they are accepted.
    static let backlog: CInt = 1024

    package let descriptor: CInt
    /// The address that it is bound to, in numbers.
    package let host: String
    package let port: Int

    /// The address as a browser writes it.
    package func url(isTLS: Bool) -> String {
        "\(isTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// Binds an address. Port 0 is any that is free.
    package static func bind(host: String, port: Int) throws(ListenError) -> Self {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, "\(port)", &hints, &list)
        guard result == 0, let address = list else {
            throw ListenError(
                .noAddress,
                "the host '\(host)' cannot be looked up: \(String(cString: gai_strerror(result)))")
        }
        defer { freeaddrinfo(list) }
        return try bind(address.pointee, "\(host):\(port)")
    }

    private static func bind(_ address: addrinfo, _ name: String) throws(ListenError) -> Self {
        let descriptor = Glibc.socket(
            address.ai_family, address.ai_socktype | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ListenError(errno, name) }
        var on: CInt = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
        guard Glibc.bind(descriptor, address.ai_addr, address.ai_addrlen) == 0,
            listen(descriptor, backlog) == 0
        else {
            let error = ListenError(errno, name)
            close(descriptor)
            throw error
        }
        return try Self(bound: descriptor)
    }

    /// Wraps a socket that is bound and listens.
    init(bound descriptor: CInt) throws(ListenError) {
        self.descriptor = descriptor
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let isNamed = withUnsafeMutableBytes(of: &address) { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return false
            }
            return getsockname(descriptor, start, &size) == 0
                && getnameinfo(
                    start, size, &host, socklen_t(host.count), &service,
                    socklen_t(service.count), NI_NUMERICHOST | NI_NUMERICSERV) == 0
        }
        guard isNamed, let port = Int(Self.text(service)) else {
            throw ListenError(.notASocket, "descriptor \(descriptor) is no TCP socket")
        }
        self.host = Self.text(host)
        self.port = port
    }

    private static func text(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Why nothing can be listened on: one sentence with the remedy.
package struct ListenError: Error, Equatable, Sendable {
    /// By whose fault it is.
    package enum Code: Sendable {
        case inUse, notPermitted, noAddress, notASocket, other
    }

    package var code: Code
    package var text: String

    init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    init(_ error: CInt, _ name: String) {
        switch error {
        case EADDRINUSE:
            self.init(
                .inUse,
                "\(name) is in use by another program; end that one (ss -ltnp shows it), or set "
                    + "another 'http.listen' or --listen")
        case EACCES, EPERM:
            self.init(
                .notPermitted,
                "\(name) may not be listened on: ports below 1024 need root, systemd's socket, or "
                    + "AmbientCapabilities=CAP_NET_BIND_SERVICE")
        case EADDRNOTAVAIL:
            self.init(
                .noAddress, "this machine has no address \(name); correct 'http.listen' or --listen"
            )
        default:
            self.init(
                .other, "\(name) cannot be listened on: \(String(cString: strerror(error)))")
        }
    }
}
