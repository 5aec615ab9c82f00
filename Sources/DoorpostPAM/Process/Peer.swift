import CLinux
import Glibc

/// Who is at the other end of the helper's socket, and what it may ask for: the one rule that stands
/// between a user of this machine and the accounts of the others.
///
/// The kernel says who made the connection. The module in a program of root's may ask for anybody,
/// and so may whoever could have started this process itself. Anybody else came through the socket
/// that everybody may connect to: a screen locker, or whatever a user runs. It may ask for its own
/// account, and is not believed where it says that it comes from.
package struct Peer: Sendable, Equatable {
    let uid: uid_t
    let pid: pid_t
    /// Whether it may ask for its own account alone.
    package let isLimited: Bool

    /// Asks the kernel, before this process gives up what it started as.
    ///
    /// - Returns: nil if the descriptor is no socket of this machine.
    package init?(of descriptor: Int32) {
        var uid = uid_t.max
        var pid: pid_t = 0
        guard doorpost_linux_peer(descriptor, &uid, &pid) == 0 else { return nil }
        self.init(uid: uid, pid: pid, startedAs: geteuid())
    }

    /// - Parameter startedAs: the uid that this process had at its first line.
    init(uid: uid_t, pid: pid_t, startedAs: uid_t) {
        self.uid = uid
        self.pid = pid
        isLimited = uid != 0 && uid != startedAs
    }

    /// Whether it may ask for this. The end of a session takes a session file of its own account:
    /// only we put files there, so it shows whose session that is.
    package func mayAsk(_ request: PAMRequest, sessionFiles: SessionFileDirectory) -> Bool {
        guard isLimited else { return true }
        switch request.operation {
        case .authenticate, .account: return LinuxAccount.uid(ofName: request.user) == uid
        case .closeSession:
            guard let file = sessionFiles.locate(request.sessionFile) else { return false }
            return file.uid == uid && sessionFiles.holds(file)
        }
    }

    /// The request without what this peer could only make up: it sits at this machine.
    package func believed(_ request: PAMRequest) -> PAMRequest {
        var request = request
        if isLimited { request.rhost = "" }
        return request
    }
}

extension Peer: CustomStringConvertible {
    package var description: String { "uid \(uid), pid \(pid)" }
}
