import DoorpostCore
import Glibc

/// Whether the file system of a store has room. SQLite writes its log over once it stands in the
/// database, so a small write can succeed on a disk on which the next sign-in does not.
enum DiskRoom {
    /// What a few sign-ins write.
    private static let bytes: off_t = 128 * 1024

    /// Has that much given to the lock file, and gives all behind its ``Mark`` back: that counts
    /// quotas and what is kept for root, too, and after a crash nothing lies about.
    static func check(besides path: String) throws(StoreError) {
        let fd = Glibc.open(path + ".lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard fd >= 0 else { throw noRoom(path, errno) }
        defer { close(fd) }
        var error = posix_fallocate(fd, 0, bytes)
        while error == EINTR { error = posix_fallocate(fd, 0, bytes) }
        _ = ftruncate(fd, off_t(Mark.length))
        guard error == 0 else { throw noRoom(path, error) }
    }

    private static func noRoom(_ path: String, _ error: CInt) -> StoreError {
        StoreError(
            .unavailable,
            "the file system of \(path) has no \(bytes / 1024) KiB to give (\(describe(error))). "
                + "Make room.")
    }
}
