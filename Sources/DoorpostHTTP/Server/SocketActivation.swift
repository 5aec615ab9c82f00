import Glibc

/// The socket that systemd has opened for us (sd_listen_fds(3)).
package enum SocketActivation {
    private static let firstDescriptor: CInt = 3

    /// Takes the socket over, and the variables that tell of it out of the environment.
    ///
    /// - Returns: nil if systemd passed none to this process.
    /// - Throws: ``ListenError``: what it passed is not one stream socket that listens.
    package static func take() throws(ListenError) -> ListeningSocket? {
        let names = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
        defer { for name in names { unsetenv(name) } }
        guard number("LISTEN_PID") == Int(getpid()), let count = number("LISTEN_FDS"), count > 0
        else { return nil }
        guard count == 1 else {
            throw ListenError(
                .notASocket,
                "systemd passed \(count) sockets, but one is listened on; keep one ListenStream=")
        }
        guard option(SO_TYPE) == CInt(SOCK_STREAM.rawValue), option(SO_ACCEPTCONN) == 1,
            [AF_INET, AF_INET6].contains(option(SO_DOMAIN))
        else {
            throw ListenError(
                .notASocket,
                "what systemd passed is not a TCP socket that listens; write ListenStream=HOST:PORT"
                    + " and Accept=no")
        }
        guard fcntl(firstDescriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw ListenError(errno, "systemd's socket")
        }
        return try ListeningSocket(bound: firstDescriptor)
    }

    private static func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }

    private static func option(_ name: CInt) -> CInt? {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(firstDescriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
