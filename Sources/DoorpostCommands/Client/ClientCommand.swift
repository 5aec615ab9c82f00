import ArgumentParser

struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "App clients: programs that speak the Cognito API.",
        subcommands: [ClientAddCommand.self, ClientListCommand.self, ClientRemoveCommand.self])
}
