import Glibc

/// How many files and connections the process may have open.
package enum OpenFiles {
    /// What the process needs besides connections: store, mails, logs, standard streams.
    private static let reserve = 64

    /// Asks for as many as the system lets us have.
    ///
    /// - Returns: how many of them may be connections.
    package static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1024 - reserve
        }
        let soft = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
            limit.rlim_cur = soft
        }
        return max(Int(clamping: limit.rlim_cur) - reserve, 8)
    }
}
