import ArgumentParser

struct APIKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apikey",
        abstract: "Keys of programs that administer the pool through the Cognito API.",
        subcommands: [APIKeyAddCommand.self, APIKeyListCommand.self, APIKeyRemoveCommand.self])
}
