import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct KeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the signing keys and where they are in their lives.",
        discussion: """
            next: published, signs later. signing: signs today's tokens. old: signs no more, its \
            tokens still count. retired: none of its tokens can be valid. revoked: its tokens \
            count no more.

            Example: doorpost key list
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        try Listing(
            items: try config.loadAsService().signingKeys(at: SystemClock().now),
            ifEmpty: "there are no keys; make some with 'doorpost key init'",
            json: KeyText.json, table: KeyText.table
        ).show(asJSON: json.isOn)
    }
}
