import ArgumentParser
import DoorpostCore

struct MailQueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "What is waiting or failed, with the server's last answer.",
        discussion: """
            A mail waits until it is taken or its code expires. What is in it is never shown.

            Example: doorpost mail queue --all
            """)

    @Flag(help: "Also what was sent.") var all = false
    @Option(help: "At most so many.") var limit = 1000
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let store = try config.openStore()
        let names = UserNames(in: store)
        try Listing(
            items: try store.outbox(includingSent: all, limit: limit),
            ifEmpty: all ? "no mail is known" : "nothing is waiting, nothing failed",
            json: { Self.json($0, names) }, table: { Self.table($0, names) }
        ).show(asJSON: json.isOn)
    }

    private static func json(_ item: OutboxItem, _ names: UserNames) -> JSON {
        .object([
            "id": .string(item.id.text), "state": .string(item.state.rawValue),
            "user_id": .string(item.user.text), "email": .string(names[item.user]),
            "created_at": .time(item.createdAt), "expires_at": .time(item.expiresAt),
            "tries": .number(item.tries), "last_try_at": .time(item.lastTryAt),
            "last_answer": .string(item.lastAnswer),
        ])
    }

    private static func table(_ items: [OutboxItem], _ names: UserNames) -> Table {
        var table = Table("STATE", "TO", "COMPOSED", "CODE EXPIRES", "TRIES", "LAST ANSWER")
        for item in items {
            table.add(
                item.state.rawValue, names.text(item.user), UTCTime(item.createdAt).isoText,
                UTCTime(item.expiresAt).isoText, "\(item.tries)", item.lastAnswer)
        }
        return table
    }
}
