import Glibc

/// A mail that a mail server pipes to us.
enum PipedMail {
    /// The report stands before the returned mail, which may be as long as it likes.
    private static let limit = 1 << 20

    /// The first MiB of standard input. The rest is read too, and dropped: a mail server takes it
    /// for a failure when nobody does.
    static func read() throws -> [UInt8] {
        var mail: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(0, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = String(cString: strerror(errno))
                throw CommandFailure(.io, "standard input cannot be read: \(reason)")
            }
            if count == 0 { return mail }
            mail += buffer[..<min(count, limit - mail.count)]
        }
    }

    /// Whom it was delivered to, as Postfix and OpenSMTPD say in the environment. The extension is
    /// what stands between the + and the @.
    static var recipients: [String] {
        ["ORIGINAL_RECIPIENT", "RECIPIENT"].compactMap(variable)
            + (variable("EXTENSION").map { ["+\($0)@"] } ?? [])
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
