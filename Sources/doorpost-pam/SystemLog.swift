import CLinux
import DoorpostPAM
import Glibc

/// The system's log, for what does not pass through the conversation.
enum SystemLog {
    /// Writes one line, which is escaped already.
    @Sendable
    static func note(_ line: String) {
        write(.notice, line)
    }

    static func write(_ priority: LogPriority, _ line: String) {
        doorpost_linux_log(priority.rawValue, line)
    }
}
