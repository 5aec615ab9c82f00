import ArgumentParser
import DoorpostCore

struct APIKeyRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a key: what it signs is refused from then on.",
        discussion: "Example: doorpost apikey remove backend")

    @Argument(help: "Its id or its name.") var key: String
    @OptionGroup var config: ConfigOption

    func run() async throws {
        _ = Administrator.name
        let store = try config.openStore()
        let all = try store.apiKeys()
        let found = all.first { $0.id.text == key } ?? all.first { $0.name == key }
        let shown = VisibleText.escape(key, limit: 80)
        guard let found else {
            throw CommandFailure.refused(
                "there is no key '\(shown)'; 'doorpost apikey list' shows them")
        }
        let audit = Administrator.audit(.apiKeyRemoved, user: nil, "\(found.id) \(found.name)")
        guard try store.removeAPIKey(found.id, audit: audit) else {
            throw CommandFailure.refused("key '\(shown)' was removed just now by somebody else")
        }
        try Output.line("removed \(found.name) (\(found.id))")
    }
}
