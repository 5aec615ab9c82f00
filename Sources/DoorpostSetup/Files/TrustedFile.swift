import Glibc

/// Reads files that decide who gets in: only what root or we ourselves have written.
package enum TrustedFile {
    /// The bytes of a file that fulfils the rule. What is checked is what is read: the rule is
    /// asked about the open file, not about the path.
    package static func read(_ path: String, as rule: FileRule) throws(FileError) -> [UInt8] {
        // O_NONBLOCK: somebody may have put a FIFO there.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw rule.missing(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw rule.missing(errno) }
        if let fault = rule.fault(status, at: path) { throw fault }
        return try readAll(descriptor, rule)
    }

    private static func readAll(_ descriptor: Int32, _ rule: FileRule) throws(FileError) -> [UInt8]
    {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw rule.missing(errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= rule.maximumSize else {
                throw FileError(text: "\(rule.noun) is larger than \(rule.maximumSize) bytes")
            }
        }
    }
}
