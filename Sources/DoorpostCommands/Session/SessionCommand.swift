import ArgumentParser

struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "Who is signed in: sessions of PAM and the web.",
        subcommands: [SessionListCommand.self, SessionRevokeCommand.self])
}
