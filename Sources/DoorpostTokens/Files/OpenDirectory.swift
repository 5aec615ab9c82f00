internal import DoorpostCore
internal import Glibc

/// The directory of the keys, held open: every file is reached through it, so that none can be
/// swapped for another by renaming directories.
struct OpenDirectory: ~Copyable {
    let path: String
    let rules: FileRules
    private let descriptor: CInt

    /// Opens the directory, unless others than its owner could get into it.
    init(_ path: String) throws(TokenError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Self.failure("cannot open the directory of the keys \(path)")
        }
        do throws(TokenError) {
            rules = try Self.rules(for: descriptor, path: path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    private static func rules(for descriptor: CInt, path: String) throws(TokenError) -> FileRules {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot look at \(path)") }
        let rules = FileRules(user: geteuid(), directoryOwner: status.st_uid)
        if let complaint = rules.complaint(
            about: path, kind: .directory, mode: status.st_mode, owner: status.st_uid)
        {
            throw TokenError(.keysUnavailable, complaint)
        }
        return rules
    }

    /// Waits until no other process changes the keys. Ends when the directory is closed.
    func lock() throws(TokenError) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Self.failure("cannot lock \(path)") }
        }
    }

    /// The names of the files, without `.` and `..`, in no order.
    func names() throws(TokenError) -> [String] {
        // fdopendir takes its descriptor for its own; a fresh one starts at the first entry.
        let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0, let stream = fdopendir(own) else {
            if own >= 0 { close(own) }
            throw Self.failure("cannot list \(path)")
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            // SAFETY: d_name ends with NUL within the entry, which lives until the next readdir.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw Self.failure("cannot list \(path)") }
        return names
    }

    /// The text of a small file that only its owner can read.
    func read(_ name: String) throws(TokenError) -> String {
        let shown = "\(path)/\(name)"
        // O_NONBLOCK: a FIFO in the place of a key must not make a login wait for its writer.
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ELOOP {
                throw TokenError(
                    .keysUnavailable, "\(shown) is a symbolic link; put the key itself there")
            }
            throw Self.failure("cannot open \(shown)")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Self.failure("cannot look at \(shown)") }
        if let complaint = rules.complaint(
            about: shown, kind: .file, mode: status.st_mode, owner: status.st_uid)
        {
            throw TokenError(.keysUnavailable, complaint)
        }
        return try FileBytes.readAll(file, shown: shown, limit: 16 * 1024)
    }

    /// Writes a file whole or not at all, durably, readable by the directory's owner alone.
    func write(_ text: String, to name: String) throws(TokenError) {
        let temporary = "\(Self.temporaryPrefix)\(getpid())-\(name)"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        unlinkat(descriptor, temporary, 0)
        let file = openat(descriptor, temporary, flags, 0o600)
        guard file >= 0 else { throw Self.failure("cannot create a file in \(path)") }
        var isComplete = false
        defer {
            close(file)
            if !isComplete { unlinkat(descriptor, temporary, 0) }
        }
        // An administrator's root makes keys that the helper must read after it dropped to run_as.
        if rules.user == 0, rules.directoryOwner != 0 {
            guard fchown(file, rules.directoryOwner, gid_t.max) == 0 else {
                throw Self.failure("cannot give \(path)/\(name) to its directory's owner")
            }
        }
        // After fchown, and whatever the umask took away.
        guard fchmod(file, 0o600) == 0 else { throw Self.failure("cannot chmod \(path)/\(name)") }
        try FileBytes.writeAll(text, to: file, shown: "\(path)/\(name)")
        guard fsync(file) == 0, renameat(descriptor, temporary, descriptor, name) == 0 else {
            throw Self.failure("cannot keep \(path)/\(name)")
        }
        isComplete = true
        guard fsync(descriptor) == 0 else { throw Self.failure("cannot keep \(path)/\(name)") }
    }

    /// Removes a file, durably. That it is gone already is as good.
    func remove(_ name: String) throws(TokenError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw Self.failure("cannot remove \(path)/\(name)")
        }
        guard fsync(descriptor) == 0 else { throw Self.failure("cannot remove \(path)/\(name)") }
    }

    /// How unfinished files start; with a dot, so that nothing takes them for keys.
    static let temporaryPrefix = ".new-"

    /// The error that `errno` tells of.
    static func failure(_ what: String) -> TokenError {
        TokenError(.keysUnavailable, "\(what): \(String(cString: strerror(errno)))")
    }
}
