import DoorpostCore
import Glibc

/// Where a token comes from: the command line, a file, standard input.
enum TokenInput {
    /// Larger than any token of ours.
    private static let limit = 16 * 1024

    static func read(_ argument: String?) throws -> String {
        guard let argument = argument ?? sessionFile else {
            throw CommandFailure.usage(
                "no token: name one, a session file, or - for standard input")
        }
        if argument == "-" { return try read(descriptor: 0, name: "standard input") }
        // A JWT holds neither slashes nor anything but base64url and dots.
        let isToken = !argument.contains("/") && argument.filter { $0 == "." }.count == 2
        return isToken ? argument : try read(path: argument)
    }

    private static var sessionFile: String? {
        getenv("DOORPOST_SESSION_FILE").map { String(cString: $0) }
    }

    private static func read(path: String) throws -> String {
        let shown = VisibleText.escape(path, limit: 200)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw errno == ENOENT
                ? CommandFailure.refused("'\(shown)' is neither a token nor a file")
                : CommandFailure(.io, "\(shown) cannot be read: \(reason)")
        }
        defer { close(descriptor) }
        return try read(descriptor: descriptor, name: shown)
    }

    private static func read(descriptor: Int32, name: String) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = String(cString: strerror(errno))
                throw CommandFailure(.io, "\(name) cannot be read: \(reason)")
            }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure.refused("not valid: \(name) does not hold a token")
        }
        return String(
            text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
