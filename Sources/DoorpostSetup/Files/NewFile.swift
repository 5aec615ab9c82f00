import Glibc

/// Makes files that were not there before, whole or not at all, whatever the umask is.
package enum NewFile {
    /// Writes a new file and makes it durable.
    ///
    /// - Throws: ``FileError``; a file with this name that is there already is left alone.
    package static func write(
        _ bytes: some Collection<UInt8>, to path: String, mode: UInt32
    ) throws(FileError) {
        let draft = "\(path).new-\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault("cannot be written", errno) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        try writeAll(Array(bytes), to: descriptor)
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            throw fault("cannot be written", errno)
        }
        // link(2) replaces nothing, where rename(2) would.
        guard link(draft, path) == 0 else {
            throw errno == EEXIST
                ? FileError(text: "is there already; it was left as it is")
                : fault("cannot be written", errno)
        }
    }

    /// Makes a directory, unless it is there.
    ///
    /// - Returns: whether it was made.
    @discardableResult
    package static func directory(_ path: String, mode: UInt32) throws(FileError) -> Bool {
        guard mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { return false }
            throw fault("cannot be made", errno)
        }
        guard chmod(path, mode) == 0 else { throw fault("cannot be made", errno) }
        return true
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fault("cannot be written", errno) }
            rest = rest.dropFirst(count)
        }
    }

    private static func fault(_ what: String, _ error: Int32) -> FileError {
        FileError(text: "\(what): \(String(cString: strerror(error)))")
    }
}
