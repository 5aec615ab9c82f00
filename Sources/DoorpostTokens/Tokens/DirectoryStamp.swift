internal import Glibc

/// Tells whether files came, went or were replaced in a directory.
struct DirectoryStamp: Hashable, Sendable {
    private let inode: UInt64
    private let device: UInt64
    private let changed: [Int]

    /// - Returns: nil when it cannot be told: the directory is not there, or it changed so lately
    ///   that another change could bear the same time (file systems count in ticks, and some in
    ///   whole seconds).
    init?(_ path: String) {
        var status = stat()
        var clock = timespec()
        guard stat(path, &status) == 0, clock_gettime(CLOCK_REALTIME, &clock) == 0 else {
            return nil
        }
        guard status.st_mtim.tv_sec + 2 < clock.tv_sec else { return nil }
        inode = UInt64(status.st_ino)
        device = UInt64(status.st_dev)
        changed = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
        ]
    }
}
