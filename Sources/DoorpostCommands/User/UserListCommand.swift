import ArgumentParser
import DoorpostCore

struct UserListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show everybody in the pool.",
        discussion: "Example: doorpost user list --json | jq -r '.[] | select(.enabled) | .email'")

    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        try Listing(
            items: try config.openStore().allUsers(),
            ifEmpty: "the pool is empty; add somebody with 'doorpost user add EMAIL'",
            json: UserText.json, table: UserText.table
        ).show(asJSON: json.isOn)
    }
}
