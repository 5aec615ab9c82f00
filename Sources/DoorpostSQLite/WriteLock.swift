import DoorpostCore
import Glibc
import Synchronization

/// The lock file beside the database: held for every write transaction and every checkpoint.
///
/// SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode when one connection resets the
/// log while another writes or checkpoints (fixed in 3.51.3; Debian 12 has 3.40.1). SQLite's
/// own locks do not keep the two apart, this one does. It is an flock, so the kernel drops it
/// when its holder dies, however it dies. What stands in it is the store's ``Mark``.
final class WriteLock: Sendable {
    private let path: String
    private let patience: Patience
    /// -1 while the file is not open. An flock belongs to the open file, not to the thread:
    /// the callers are kept apart by the queue of their connection.
    private let descriptor: Mutex<CInt>

    init(besides database: StoreFile, patience: Patience) throws(StoreError) {
        path = database.path + ".lock"
        self.patience = patience
        descriptor = Mutex(-1)
        let opened = try Self.open(path)
        descriptor.withLock { $0 = opened }
    }

    deinit {
        descriptor.withLock { if $0 >= 0 { close($0) } }
    }

    /// Waits for the lock as long as the patience lasts.
    func acquire() throws(StoreError) {
        var attempt = 0
        while true {
            let fd = descriptor.withLock { $0 }
            if flock(fd, LOCK_EX | LOCK_NB) == 0 {
                if isCurrent(fd) { return }
                try reopen(fd)
                continue
            }
            let error = errno
            guard error == EWOULDBLOCK || error == EINTR else {
                throw StoreError(
                    .unavailable,
                    "cannot lock \(path): \(describe(error)). The store must lie on "
                        + "a local file system that knows flock, not on NFS.")
            }
            guard patience.pause(before: attempt) else { throw busy }
            attempt += 1
        }
    }

    /// Lets the next one in.
    func release() {
        _ = descriptor.withLock { flock($0, LOCK_UN) }
    }

    /// How far the store had come; nil if the file does not say. To be asked while the lock is
    /// held.
    var mark: Mark? {
        descriptor.withLock { fd in
            var bytes = [UInt8](repeating: 0, count: Mark.length)
            let count = pread(fd, &bytes, bytes.count, 0)
            return count == bytes.count ? Mark(bytes) : nil
        }
    }

    /// Writes down how far the store has come, while the lock is held. Not synced: what a power
    /// cut loses of it, the next boot makes up for. Nor does it matter if it cannot be written:
    /// then a rolled-back file may pass for the store, as it would without it.
    func set(_ mark: Mark) {
        let bytes = mark.bytes
        _ = descriptor.withLock { pwrite($0, bytes, bytes.count, 0) }
    }

    private var busy: StoreError {
        StoreError(
            .busy,
            "another process holds \(path). Try again; if it stays so, find the holder "
                + "with `fuser \(path)` and end it.")
    }

    /// Whether the locked file is still the one that others find under the name. Somebody may
    /// have deleted it or put a directory from a backup in its place.
    private func isCurrent(_ fd: CInt) -> Bool {
        var mine = stat()
        var named = stat()
        return fstat(fd, &mine) == 0 && stat(path, &named) == 0
            && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev
    }

    private func reopen(_ old: CInt) throws(StoreError) {
        let fresh = try Self.open(path)
        descriptor.withLock { $0 = fresh }
        close(old)
    }

    private static func open(_ path: String) throws(StoreError) -> CInt {
        let flags = O_CLOEXEC | O_NOFOLLOW
        while true {
            var fd = Glibc.open(path, flags | O_RDWR)
            // To be locked, it need not be written.
            if fd < 0, errno == EACCES || errno == EROFS { fd = Glibc.open(path, flags | O_RDONLY) }
            if fd >= 0 { return fd }
            guard errno == ENOENT else { throw cannotOpen(path, errno) }
            if try StoreFile.create(path) { continue }
        }
    }

    private static func cannotOpen(_ path: String, _ error: CInt) -> StoreError {
        StoreError(
            .unavailable,
            "cannot open \(path): \(describe(error)). It and its directory must "
                + "belong to the user that Doorpost runs as.")
    }
}

/// The system's words for an error number.
func describe(_ error: CInt) -> String {
    guard let text = strerror(error) else { return "error \(error)" }
    // SAFETY: strerror returns a string that ends in NUL and lives at least until the next call
    // on this thread.
    return String(cString: text)
}
