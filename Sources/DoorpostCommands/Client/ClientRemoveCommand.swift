import ArgumentParser
import DoorpostCore

struct ClientRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove an app client, and end its sessions.",
        discussion: "Example: doorpost client remove shop")

    @Argument(help: "Its id or its name.") var client: String
    @OptionGroup var config: ConfigOption

    func run() async throws {
        _ = Administrator.name
        let store = try config.openStore()
        // An id first: a client may be called by another's.
        let all = try store.clients()
        let found = all.first { $0.id.text == client } ?? all.first { $0.name == client }
        let shown = VisibleText.escape(client, limit: 80)
        guard let found else {
            throw CommandFailure.refused(
                "there is no client '\(shown)'; 'doorpost client list' shows them")
        }
        let audit = Administrator.audit(.clientRemoved, user: nil, "\(found.id) \(found.name)")
        guard try store.removeClient(found.id, audit: audit) else {
            throw CommandFailure.refused("client '\(shown)' was removed just now by somebody else")
        }
        try Output.line("removed \(found.name) (\(found.id))")
    }
}
