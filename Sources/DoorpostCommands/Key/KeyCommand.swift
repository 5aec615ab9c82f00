import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The keys that sign tokens, and the secret of the flow.",
        subcommands: [KeyListCommand.self, KeyRotateCommand.self, KeyInitCommand.self])
}
