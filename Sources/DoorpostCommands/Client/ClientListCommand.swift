import ArgumentParser
import DoorpostCore

struct ClientListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the app clients.",
        discussion: "Secrets are not shown. Example: doorpost client list --json")

    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        try Listing(
            items: try config.openStore().clients(),
            ifEmpty: "there are no app clients; add one with 'doorpost client add NAME'",
            json: ClientText.json, table: ClientText.table
        ).show(asJSON: json.isOn)
    }
}
