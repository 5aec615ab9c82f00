import ArgumentParser
import DoorpostCore
import DoorpostSetup

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct UserAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add somebody to the pool.",
        discussion: """
            Codes are mailed to EMAIL. --login ties the user to a Linux account: without it they \
            can sign in on the web only.

            Example: doorpost user add alice@example.org --login alice --name "Alice Example"
            """)

    @Argument(help: "The mail address; unique in the pool.") var email: String
    @Option(help: "The Linux account that the user signs in to.") var login: String?
    @Option(help: "The person's name, for mails and tables.") var name: String?
    @Option(name: .customLong("group"), help: "A group; may be given several times.")
    var groups: [String] = []
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let user = User(
            id: UserID(UUID().uuidString.lowercased()), email: try UserInput.email(email),
            login: try login.map(UserInput.login), name: try name.map(UserInput.name),
            groups: try UserInput.groups(groups), createdAt: SystemClock().now)
        let audit = Administrator.audit(.userAdded, user: user.id, user.email.canonical)
        let store = try config.openStore()
        try UserChange.explainConflict { () throws(StoreError) in
            try store.addUser(user, audit: audit)
        }
        try json.isOn
            ? Output.line(UserText.json(user).text())
            : Output.line("added \(user.email) (\(user.id))")
    }
}
