import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who signed in, tried, failed, and from where.",
        discussion: """
            Oldest first; of more than --limit records the newest. Times are UTC. With --follow \
            new records are shown as they come, until you stop it; with --json, one object a line.

            Examples: doorpost audit --since 2h --user alice   doorpost audit --follow --json
            """)

    @Flag(help: "Go on showing what comes.") var follow = false
    @Option(name: .customLong("user"), help: "Only about this user.") var who: String?
    @Option(help: "Only since then: 30m, 2h, 7d ago, or 2026-11-21T08:00:00Z.") var since: String?
    @Option(help: "At most so many.") var limit = 1000
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let start = try since.map { try TimeText.read($0, now: SystemClock().now) }
        let store = try config.openStore()
        let user = try who.map { try store.user(who: $0).id }
        let names = UserNames(in: store)
        var records = try store.auditTrail(AuditQuery(user: user, since: start, limit: limit))
        if !follow {
            return try Listing(
                items: records, ifEmpty: "nothing was recorded",
                json: { AuditText.json($0, names) },
                table: { AuditText.table($0, names) }
            ).show(asJSON: json.isOn)
        }
        var last: Int64 = 0
        while true {
            for record in records {
                try Output.line(
                    json.isOn
                        ? AuditText.json(record, names).text(isCompact: true)
                        : AuditText.line(record, names))
                last = record.sequence
            }
            // Other processes write the trail, and no store tells of news: it is looked at again.
            try await Task.sleep(for: .milliseconds(500))
            records = try store.auditTrail(
                AuditQuery(after: last, user: user, since: start, limit: limit))
        }
    }
}
