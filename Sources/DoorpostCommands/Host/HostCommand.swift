import ArgumentParser

struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract: "Machines that ask this Doorpost to sign people in there.",
        subcommands: [HostAddCommand.self, HostListCommand.self, HostRevokeCommand.self])
}
