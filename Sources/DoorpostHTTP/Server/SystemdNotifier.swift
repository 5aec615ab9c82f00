import Glibc

/// Tells systemd how the service is doing (sd_notify(3)); tells nobody where there is no systemd.
package struct SystemdNotifier: Sendable {
    private let path: String?

    /// - Parameter path: a socket's path, or `@` and an abstract name.
    package init(path: String?) {
        self.path = path
    }

    /// The notifier for the socket of `NOTIFY_SOCKET`.
    package static func fromEnvironment() -> Self {
        Self(path: getenv("NOTIFY_SOCKET").map { String(cString: $0) })
    }

    package func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// Must be followed by ``ready(_:)``.
    package func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=reloading")
    }

    package func stopping() { send("STOPPING=1\nSTATUS=finishing requests") }

    private func send(_ text: String) {
        guard let path, var name = Self.address(path) else { return }
        let descriptor = socket(
            AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let size = MemoryLayout<sa_family_t>.size + path.utf8.count
        let message = Array(text.utf8)
        _ = withUnsafeBytes(of: &name) { bytes in
            sendto(
                descriptor, message, message.count, CInt(MSG_NOSIGNAL),
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(size))
        }
    }

    private static func address(_ path: String) -> sockaddr_un? {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        guard let start = bytes.first, [UInt8(ascii: "/"), UInt8(ascii: "@")].contains(start),
            bytes.count < MemoryLayout.size(ofValue: name.sun_path)
        else { return nil }
        if start == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        return name
    }
}
