import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct APIKeyAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a key.",
        discussion: """
            Prints the id and the secret, this once and never again. They go where an AWS SDK \
            looks for its credentials, with the part of 'pool' before its last '_' as the region. \
            Whoever has them may do all that the Cognito API offers to administrators.

            Example: doorpost apikey add backend --json
            """)

    @Argument(help: "What administrators call it; unique.") var name: String
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let name = try ClientInput.name(name)
        // Before root is given up: the audit trail names who ran this.
        _ = Administrator.name
        let instance = try Instance.open(try config.loadAsService())
        let (key, secret) = try APIKey.make(
            name: name, keys: instance.keys, random: SystemRandom(), at: SystemClock().now)
        let audit = Administrator.audit(.apiKeyAdded, user: nil, "\(key.id) \(key.name)")
        do {
            try instance.store.addAPIKey(key, audit: audit)
        } catch {
            guard error.code == .conflict else { throw error }
            throw CommandFailure.refused(
                "there is a key '\(name)' already; 'doorpost apikey list' shows it")
        }
        if json.isOn {
            return try Output.line(
                JSON.object([
                    "access_key_id": .string(key.id.text),
                    "secret_access_key": .string(secret.text), "name": .string(name),
                ]).text())
        }
        try Output.line("access key id: \(key.id)")
        try Output.line("secret access key: \(secret.text)")
        Output.note("the secret is shown this once; keep it where the program reads it")
    }
}
