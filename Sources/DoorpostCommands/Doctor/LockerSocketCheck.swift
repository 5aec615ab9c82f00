import Glibc

/// Whether the socket for screen lockers, where it is switched on, is one that they can use.
enum LockerSocketCheck {
    static let unit = "doorpost-pam.socket"

    /// - Parameters:
    ///   - link: what `systemctl enable` makes.
    ///   - socket: where the PAM module asks.
    ///   - owner: whose it must be.
    static func run(
        link: String = "/etc/systemd/system/sockets.target.wants/\(unit)",
        socket: String = "/run/doorpost/pam.sock", owner: uid_t = 0
    ) -> [Finding] {
        var status = stat()
        guard lstat(link, &status) == 0 else { return [] }
        guard stat(socket, &status) == 0 else {
            return [
                .problem(
                    "lockers", "\(unit) is enabled, but \(socket) is not there",
                    "run: systemctl start \(unit)")
            ]
        }
        guard status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == owner,
            status.st_mode & 0o666 == 0o666
        else {
            return [
                .problem(
                    "lockers", "\(socket) is no socket of root's that everybody may connect to",
                    "run: systemctl restart \(unit)")
            ]
        }
        return [.ok("lockers", "\(socket) is there for screen lockers")]
    }
}
