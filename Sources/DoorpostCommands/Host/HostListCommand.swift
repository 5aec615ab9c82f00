import ArgumentParser
import DoorpostCore

struct HostListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the hosts, revoked ones too.",
        discussion: "Credentials are not shown. Example: doorpost host list --json")

    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        try Listing(
            items: try config.openStore().hosts(),
            ifEmpty: "there are no hosts; add one with 'doorpost host add NAME'",
            json: { host in
                .object([
                    "host": .string(host.name), "id": .string(host.id.text),
                    "created_at": .time(host.createdAt), "revoked_at": .time(host.revokedAt),
                ])
            },
            table: { hosts in
                var table = Table("HOST", "ID", "ADDED", "REVOKED")
                for host in hosts {
                    table.add(
                        host.name, host.id.text, UTCTime(host.createdAt).minuteText,
                        host.revokedAt.map { UTCTime($0).minuteText } ?? "")
                }
                return table
            }
        ).show(asJSON: json.isOn)
    }
}
