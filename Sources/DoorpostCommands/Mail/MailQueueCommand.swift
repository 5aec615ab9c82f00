import ArgumentParser
import DoorpostCore

struct MailQueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "What is waiting or failed, with the server's last answer.",
        discussion: """
            A mail waits until it is taken or its code expires; one that failed is shown for a \
            week. An address from which mail came back is shown until it changes or is cleared \
            ('user set'). What is in a mail is never shown.

            Example: doorpost mail queue --all
            """)

    @Flag(help: "Also what was sent.") var all = false
    @Option(help: "At most so many.") var limit = 1000
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let store = try config.openStore()
        let names = UserNames(in: store)
        let mails = try store.outbox(includingSent: all, limit: limit).map(MailQueueEntry.mail)
        // Only then is the whole pool looked through.
        let bounced =
            try store.mailStatistics().bouncedAddresses == 0
            ? [] : store.allUsers().filter { $0.bounce != nil }.map(MailQueueEntry.bounced)
        try Listing(
            items: mails + bounced,
            ifEmpty: all ? "no mail is known" : "nothing is waiting, nothing failed",
            json: { $0.json(names) }, table: { MailQueueEntry.table($0, names) }
        ).show(asJSON: json.isOn)
    }
}
