import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct SessionListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the live sessions, newest first.",
        discussion: "Example: doorpost session list alice")

    @Argument(help: "Only this user's: mail address, login name or id.") var who: String?
    @Option(help: "At most so many.") var limit = 1000
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let store = try config.openStore()
        let user = try who.map { try store.user(who: $0) }
        let sessions = try store.sessions(of: user?.id, now: SystemClock().now, limit: limit)
        let names = UserNames(in: store)
        try Listing(
            items: sessions, ifEmpty: "nobody is signed in",
            json: { Self.json($0, names) }, table: { Self.table($0, names) }
        ).show(asJSON: json.isOn)
    }

    private static func json(_ session: LoginSession, _ names: UserNames) -> JSON {
        .object([
            "id": .string(session.id.text), "user_id": .string(session.user.text),
            "email": .string(names[session.user]), "door": .string(session.door),
            "service": .string(session.service), "host": .string(session.host),
            "source": .string(session.source), "tty": .string(session.tty),
            "created_at": .time(session.createdAt), "expires_at": .time(session.expiresAt),
        ])
    }

    private static func table(_ sessions: [LoginSession], _ names: UserNames) -> Table {
        var table = Table("ID", "USER", "DOOR", "SERVICE", "HOST", "FROM", "SINCE", "UNTIL")
        for session in sessions {
            table.add(
                session.id.text, names.text(session.user), session.door, session.service,
                session.host, session.source.isEmpty ? session.tty : session.source,
                UTCTime(session.createdAt).minuteText, UTCTime(session.expiresAt).minuteText)
        }
        return table
    }
}
