/// Through which door, for what and from where somebody signs in.
package struct SignInContext: Hashable, Sendable {
    package enum Door: String, Sendable {
        case pam
        case web
    }

    package var door: Door
    /// The PAM service (`sshd`, `sudo`, …) or the application; escaped for display.
    package var service: String
    /// The machine that is signed in to.
    package var host: String
    package var source: Source
    /// The terminal, for the record; escaped for display.
    package var tty: String

    package init(door: Door, service: String, host: String, source: Source, tty: String = "") {
        self.door = door
        self.service = VisibleText.escape(service, limit: 255)
        self.host = VisibleText.escape(host, limit: 255)
        self.source = source
        self.tty = VisibleText.escape(tty, limit: 255)
    }

    /// What a code is good for. The escaping keeps `|` out of none of the parts, so lengths
    /// stand before them: `sudo` on `a` is never `sudo|a` on nothing.
    var purpose: String {
        "\(door.rawValue)|\(service.utf8.count):\(service)|\(host.utf8.count):\(host)"
    }

    /// What makes a second try the same sign-in: the purpose and the source.
    var resumeKey: String { "\(purpose)|\(source.text)" }

    func audit(
        _ kind: AuditEvent.Kind, user: UserID?, at now: Timestamp, detail: String = ""
    ) -> AuditEvent {
        AuditEvent(
            at: now, kind: kind, user: user, door: door.rawValue, service: service, host: host,
            source: source.text, detail: detail)
    }
}
