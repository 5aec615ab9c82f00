import ArgumentParser
import DoorpostCore

struct HostRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a host's credential, and end the sessions on that host.",
        discussion: """
            The host is refused from then on: nobody signs in there by mail until it has another \
            credential. Who is logged in stays so; their session files are good for nobody who \
            asks here ('doorpost token verify --online').

            Example: doorpost host revoke db1
            """)

    @Argument(help: "Its name.") var name: String
    @OptionGroup var config: ConfigOption

    func run() async throws {
        let name = try HostInput.name(name)
        _ = Administrator.name
        let store = try config.openStore()
        let audit = Administrator.audit(.hostRevoked, user: nil, name)
        guard try store.revokeHost(named: name, audit: audit) else {
            let was = try store.hosts().contains { $0.name == name }
            throw CommandFailure.refused(
                was
                    ? "host '\(name)' is revoked already"
                    : "there is no host '\(name)'; 'doorpost host list' shows them")
        }
        try Output.line("revoked \(name): its credential, and the sessions on it")
    }
}
