import ArgumentParser
import DoorpostCore

struct APIKeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the keys.",
        discussion: "Secrets are not shown. Example: doorpost apikey list --json")

    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        try Listing(
            items: try config.openStore().apiKeys(),
            ifEmpty: "there are no keys; add one with 'doorpost apikey add NAME'",
            json: { key in
                .object([
                    "access_key_id": .string(key.id.text), "name": .string(key.name),
                    "created_at": .time(key.createdAt),
                ])
            },
            table: { keys in
                var table = Table("ACCESS KEY ID", "NAME", "ADDED")
                for key in keys {
                    table.add(key.id.text, key.name, UTCTime(key.createdAt).minuteText)
                }
                return table
            }
        ).show(asJSON: json.isOn)
    }
}
