import Glibc

/// An open directory that nobody but us and root can write to.
struct Directory {
    private let descriptor: Int32
    private let name: String

    private static let openFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

    /// Opens a directory and checks whose it is.
    static func open(_ path: String) throws(SessionFileError) -> Self {
        let descriptor = Glibc.open(path, openFlags)
        guard descriptor >= 0 else {
            throw .failed(
                "open \(path) (pam.session_directory; `doorpost doctor` says how to make it)")
        }
        return try Self(descriptor: descriptor, name: path).checked()
    }

    func close() { Glibc.close(descriptor) }

    /// Opens a directory in this one.
    ///
    /// - Returns: nil if there is none.
    func openDirectory(named child: String) throws(SessionFileError) -> Self? {
        let opened = openat(descriptor, child, Self.openFlags)
        guard opened >= 0 else {
            if errno == ENOENT { return nil }
            throw .failed("open \(name)/\(child)")
        }
        return try Self(descriptor: opened, name: "\(name)/\(child)").checked()
    }

    /// Opens a directory in this one, making it 0711 if it is not there.
    func makeDirectory(named child: String) throws(SessionFileError) -> Self {
        if let there = try openDirectory(named: child) { return there }
        guard mkdirat(descriptor, child, 0o711) == 0 || errno == EEXIST else {
            throw .failed("mkdir \(name)/\(child)")
        }
        guard let made = try openDirectory(named: child) else {
            throw SessionFileError("mkdir \(name)/\(child): it vanished at once")
        }
        // The host's umask may have taken bits away.
        guard fchmod(made.descriptor, 0o711) == 0 else {
            defer { made.close() }
            throw .failed("chmod \(name)/\(child)")
        }
        return made
    }

    /// Creates a file that appears under its name only when it is whole, on disk, and its
    /// owner's: 0400, and nobody else's for a moment.
    func createFile(
        named child: String, holding bytes: [UInt8], owner: LinuxAccount
    ) throws(SessionFileError) {
        let temporary = ".\(child).\(getpid())"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = openat(descriptor, temporary, flags, 0o400)
        guard file >= 0 else { throw .failed("create \(name)/\(temporary)") }
        do throws(SessionFileError) {
            defer { Glibc.close(file) }
            try Self.fill(file, with: bytes, owner: owner)
            guard renameat(descriptor, temporary, descriptor, child) == 0 else {
                throw SessionFileError.failed("rename to \(name)/\(child)")
            }
        } catch {
            unlinkat(descriptor, temporary, 0)
            throw error
        }
        guard fsync(descriptor) == 0 else {
            let error = SessionFileError.failed("fsync \(name)")
            unlinkat(descriptor, child, 0)
            throw error
        }
    }

    func holdsFile(named child: String) -> Bool {
        var status = stat()
        return fstatat(descriptor, child, &status, AT_SYMLINK_NOFOLLOW) == 0
            && status.st_mode & S_IFMT == S_IFREG
    }

    func removeFile(named child: String) throws(SessionFileError) {
        guard unlinkat(descriptor, child, 0) == 0 || errno == ENOENT else {
            throw .failed("remove \(name)/\(child)")
        }
    }

    private static func fill(_ file: Int32, with bytes: [UInt8], owner: LinuxAccount)
        throws(SessionFileError)
    {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(file, buffer.baseAddress.map { $0 + written }, bytes.count - written)
            }
            guard count > 0 || errno == EINTR else { throw .failed("write") }
            written += max(0, count)
        }
        guard fchmod(file, 0o400) == 0 else { throw .failed("chmod") }
        if owner.uid != geteuid() {
            guard fchown(file, owner.uid, owner.gid) == 0 else {
                throw .failed("chown to the Linux account (the helper must start as root)")
            }
        }
        guard fsync(file) == 0 else { throw .failed("fsync") }
    }

    /// Refuses a directory that others could have put something into.
    private func checked() throws(SessionFileError) -> Self {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            defer { close() }
            throw .failed("stat \(name)")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & 0o022 == 0 else {
            close()
            throw SessionFileError(
                "\(name) belongs to or can be written by others; make it 0711 and the service user's"
            )
        }
        return self
    }
}
