import ArgumentParser
import DoorpostCore

struct UserSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a user.",
        discussion: """
            What is not named stays as it is. A new address ends the codes that were mailed to the \
            old one, and the user's sessions. After mail came back ('user show' says why), no code \
            is mailed until the address is another, or --clear-bounce says that it is right.

            Example: doorpost user set alice --email alice@example.net --group staff --group ops
            """)

    @Argument(help: "Mail address, login name or id.") var who: String
    @Option(help: "The new mail address.") var email: String?
    @Option(help: "The Linux account that the user signs in to.") var login: String?
    @Flag(help: "No Linux account any more.") var noLogin = false
    @Option(help: "The person's name.") var name: String?
    @Flag(help: "No name any more.") var noName = false
    @Option(name: .customLong("group"), help: "In the place of all groups; several times.")
    var groups: [String] = []
    @Flag(help: "No groups any more.") var noGroups = false
    @Flag(help: "Mail codes to the address again, from which mail came back.")
    var clearBounce = false
    @OptionGroup var config: ConfigOption

    func validate() throws {
        for (isClash, what) in [
            (login != nil && noLogin, "login"), (name != nil && noName, "name"),
            (!groups.isEmpty && noGroups, "group"),
        ] where isClash {
            throw ValidationError("--\(what) says one thing and --no-\(what)… the other.")
        }
    }

    func run() async throws {
        let change = try Change(self)
        guard !change.isEmpty else {
            throw CommandFailure.usage(
                "nothing to change was named; see 'doorpost user set --help'")
        }
        _ = Administrator.name
        try UserChange.apply(to: who, config, change.text, change.apply)
    }

    /// What was asked for, checked before anything is opened.
    private struct Change {
        private var names: [String] = []
        private var clearsBounce = false
        private var edits: [(inout User) -> Void] = []

        init(_ command: UserSetCommand) throws {
            if let email = try command.email.map(UserInput.email) {
                add("email") { $0.email = email }
            }
            if let login = try command.login.map(UserInput.login) {
                add("login") { $0.login = login }
            }
            if command.noLogin { add("login") { $0.login = nil } }
            if let name = try command.name.map(UserInput.name) { add("name") { $0.name = name } }
            if command.noName { add("name") { $0.name = nil } }
            let groups = try UserInput.groups(command.groups)
            if !groups.isEmpty || command.noGroups { add("groups") { $0.groups = groups } }
            if command.clearBounce {
                clearsBounce = true
                edits.append { $0.bounce = nil }
            }
        }

        var isEmpty: Bool { edits.isEmpty }
        /// For people and for the audit trail.
        var text: String {
            let set = names.isEmpty ? [] : ["set \(names.joined(separator: ", "))"]
            return (set + (clearsBounce ? ["mail works again"] : [])).joined(separator: "; ")
        }

        func apply(_ user: inout User) {
            for edit in edits { edit(&user) }
        }

        private mutating func add(_ name: String, _ edit: @escaping (inout User) -> Void) {
            names.append(name)
            edits.append(edit)
        }
    }
}
