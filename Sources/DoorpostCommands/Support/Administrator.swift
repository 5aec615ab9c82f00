import DoorpostCore
import DoorpostSetup
import Glibc

/// Who runs this command, for the audit trail. Found out before root is given up.
enum Administrator {
    /// The account name, with who became root by sudo.
    static let name: String = {
        let account =
            getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
        guard let other = getenv("SUDO_USER").map({ String(cString: $0) }), getuid() == 0 else {
            return account
        }
        return VisibleText.escape("\(account) (sudo \(other))", limit: 120)
    }()

    /// A record of something that an administrator did.
    static func audit(_ kind: AuditEvent.Kind, user: UserID?, _ detail: String) -> AuditEvent {
        AuditEvent(
            at: SystemClock().now, kind: kind, user: user, door: "admin", service: "doorpost",
            host: hostName, detail: detail.isEmpty ? "by \(name)" : "\(detail), by \(name)")
    }

    /// What this machine calls itself.
    static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
