import ArgumentParser

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Tokens and session files.",
        subcommands: [TokenVerifyCommand.self])
}
