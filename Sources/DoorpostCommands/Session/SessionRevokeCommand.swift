import ArgumentParser
import DoorpostCore

struct SessionRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End one session, or all of a user.",
        discussion: """
            Whoever asks this Doorpost (the web, 'token verify') sees it at once. A program that \
            only checks the signature of a session file accepts it until it expires.

            Examples: doorpost session revoke 3f9c…   doorpost session revoke --user alice
            """)

    @Argument(help: "The session's id, as 'session list' shows it.") var id: String?
    @Option(name: .customLong("user"), help: "All sessions of this user.") var who: String?
    @OptionGroup var config: ConfigOption

    func validate() throws {
        guard (id == nil) != (who == nil) else {
            throw ValidationError("Name either one session ID or --user WHO.")
        }
    }

    func run() async throws {
        _ = Administrator.name
        let store = try config.openStore()
        if let who {
            let user = try store.user(who: who)
            let audit = Administrator.audit(.sessionRevoked, user: user.id, "all sessions")
            let count = try store.revokeSessions(of: user.id, audit: audit)
            return try Output.line(
                "revoked \(count) session\(count == 1 ? "" : "s") of \(user.email)")
        }
        guard let id else { return }
        let session = try store.session(SessionID(id))
        let audit = Administrator.audit(
            .sessionRevoked, user: session?.user, VisibleText.escape(id, limit: 64))
        guard session != nil, try store.revokeSession(SessionID(id), audit: audit) else {
            throw CommandFailure.refused(
                session == nil
                    ? "there is no session '\(VisibleText.escape(id, limit: 64))'; "
                        + "'doorpost session list' shows the live ones"
                    : "session \(VisibleText.escape(id, limit: 64)) has ended already")
        }
        try Output.line("revoked \(id)")
    }
}
