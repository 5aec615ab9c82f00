import DoorpostCore
import Glibc

/// An open directory into which whole files are put.
struct OutboxFolder: ~Copyable {
    private let descriptor: Int32

    init(_ path: String) throws(SystemError) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(errno) }
    }

    deinit {
        _ = close(descriptor)
    }

    /// Whether this process may make files in it.
    var isWritable: Bool { faccessat(descriptor, ".", W_OK | X_OK, 0) == 0 }

    /// Writes a file of mode 0600 that is never seen half: under a hidden name first, synced,
    /// then renamed, then the directory is synced.
    func write(_ bytes: [UInt8], as name: String) throws(MailError) {
        let hidden = ".\(name).tmp"
        do throws(SystemError) {
            try create(hidden, bytes)
            try SystemError.check(renameat(descriptor, hidden, descriptor, name))
            try SystemError.check(fsync(descriptor))
        } catch {
            _ = unlinkat(descriptor, hidden, 0)
            let isSetup = [EACCES, EPERM, EROFS, ENOENT].contains(error.number)
            throw MailError(isSetup ? .misconfigured : .temporary, "outbox: \(error)")
        }
    }

    private func create(_ name: String, _ bytes: [UInt8]) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = openat(descriptor, name, flags, 0o600)
        try SystemError.check(file)
        defer { _ = close(file) }
        // The mode of openat is what umask leaves of it.
        try SystemError.check(fchmod(file, 0o600))
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            try SystemError.check(Int32(truncatingIfNeeded: count))
            rest = rest.dropFirst(count)
        }
        try SystemError.check(fsync(file))
    }
}

/// What errno said.
struct SystemError: Error, CustomStringConvertible {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    var description: String { String(cString: strerror(number)) }

    static func check(_ result: Int32) throws(SystemError) {
        guard result >= 0 else { throw SystemError(errno) }
    }
}
