import ArgumentParser
import DoorpostCore

struct UserDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a user, with codes, mails and sessions.",
        discussion: """
            The audit trail stays. The Linux account, if there is one, is left alone.

            Example: doorpost user delete alice@example.org
            """)

    @Argument(help: "Mail address, login name or id.") var who: String
    @OptionGroup var config: ConfigOption

    func run() async throws {
        _ = Administrator.name
        let store = try config.openStore()
        let user = try store.user(who: who)
        let audit = Administrator.audit(.userDeleted, user: user.id, user.email.canonical)
        guard try store.deleteUser(user.id, audit: audit) else {
            throw CommandFailure.refused("\(user.email) was deleted just now by somebody else")
        }
        try Output.line("deleted \(user.email)")
    }
}
