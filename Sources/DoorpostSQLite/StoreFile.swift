import DoorpostCore
import GRDB
import Glibc

/// The database file: where it really lies, and how it comes into being.
///
/// It is never opened here once it is there: POSIX drops all of a process's locks on a file
/// when the process closes any descriptor of it, those of SQLite too.
struct StoreFile: Sendable {
    /// The path without symbolic links. The lock file lies beside it, so two names of one
    /// database must not lead to two locks.
    let path: String

    init(_ path: String) throws(StoreError) {
        if let real = Self.resolve(path) {
            self.path = real
            return
        }
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard errno == ENOENT, !name.isEmpty, let real = Self.resolve(directory) else {
            throw StoreError(
                .unavailable,
                "cannot open \(path): \(describe(errno)). Create its directory, "
                    + "for the user that Doorpost runs as, with mode 0700.")
        }
        self.path = real == "/" ? "/\(name)" : "\(real)/\(name)"
    }

    /// What tells a file from any other, whatever it is called.
    struct Identity: Equatable, Sendable {
        var device: dev_t
        var inode: ino_t
    }

    /// Which file lies at the path now; nil if none does.
    var identity: Identity? {
        var file = stat()
        guard stat(path, &file) == 0 else { return nil }
        return Identity(device: file.st_dev, inode: file.st_ino)
    }

    /// Whether there is a file, empty or not.
    var exists: Bool { access(path, F_OK) == 0 }

    /// Refuses a file that is too short for a database but not empty: SQLite would take it for
    /// an empty one and write over it.
    func checkSize() throws(StoreError) {
        var file = stat()
        guard stat(path, &file) == 0, (1..<512).contains(file.st_size) else { return }
        throw StoreError.translate(.SQLITE_NOTADB, "\(file.st_size) bytes", path)
    }

    /// Makes an empty file of mode 0600, whatever the umask, unless there is one.
    ///
    /// Root gives it to the owner of the directory: a store that an administrator sets up as
    /// root must be usable by the service. SQLite gives its `-wal` and `-shm` files the mode
    /// and owner of the database.
    ///
    /// - Returns: whether the file was made now.
    @discardableResult
    static func create(_ path: String) throws(StoreError) -> Bool {
        let fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard fd >= 0 else {
            if errno == EEXIST { return false }
            throw cannotCreate(path)
        }
        defer { close(fd) }
        guard fchmod(fd, 0o600) == 0 else { throw cannotCreate(path) }
        var directory = stat()
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        if geteuid() == 0, stat(parent, &directory) == 0,
            fchown(fd, directory.st_uid, directory.st_gid) != 0
        {
            throw cannotCreate(path)
        }
        return true
    }

    private static func cannotCreate(_ path: String) -> StoreError {
        StoreError(
            .unavailable,
            "cannot create \(path): \(describe(errno)). Its directory must belong "
                + "to the user that Doorpost runs as and have room.")
    }

    private static func resolve(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        // SAFETY: realpath returned a string of its own that ends in NUL; freed above, after
        // the copy.
        return String(cString: real)
    }
}
