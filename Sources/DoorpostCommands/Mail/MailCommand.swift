import ArgumentParser

struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "The mails that carry the codes.",
        subcommands: [MailTestCommand.self, MailQueueCommand.self, MailBounceCommand.self])
}
