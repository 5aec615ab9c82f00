import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct UserShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one user.",
        discussion: "Example: doorpost user show alice")

    @Argument(help: "Mail address, login name or id.") var who: String
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let store = try config.openStore()
        let user = try store.user(who: who)
        if json.isOn { return try Output.line(UserText.json(user).text()) }
        let sessions = try store.sessions(of: user.id, now: SystemClock().now, limit: 1000)
        for (key, value) in [
            ("id", user.id.text), ("email", user.email.canonical),
            ("login", user.login?.name ?? "- (web only)"), ("name", user.name ?? "-"),
            ("groups", user.groups.isEmpty ? "-" : user.groups.joined(separator: ",")),
            ("state", user.isEnabled ? "enabled" : "disabled"),
            ("mail", UserText.bounce(user) ?? "taken so far"),
            ("added", UTCTime(user.createdAt).isoText), ("sessions", "\(sessions.count) live"),
        ] {
            try Output.line("\(key):".padding(to: 10) + Terminal.safe(value))
        }
    }
}

extension String {
    /// The text with blanks behind it up to a width.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
