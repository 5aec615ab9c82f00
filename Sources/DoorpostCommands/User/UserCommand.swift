import ArgumentParser

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "The user pool: who may sign in, and as whom.",
        discussion: "WHO is a mail address, a login name or an id.",
        subcommands: [
            UserAddCommand.self, UserListCommand.self, UserShowCommand.self, UserSetCommand.self,
            UserDisableCommand.self, UserEnableCommand.self, UserDeleteCommand.self,
        ])
}
