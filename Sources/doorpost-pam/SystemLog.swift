import CLinux
import Glibc

/// The system's log, for what does not pass through the conversation.
enum SystemLog {
    /// Writes one line, which is escaped already.
    @Sendable
    static func note(_ line: String) {
        doorpost_linux_log(LOG_NOTICE, line)
    }
}
