import ArgumentParser
import DoorpostCore

struct TriggerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Programs of yours at points of the sign-in.",
        subcommands: [TriggerListCommand.self, TriggerTestCommand.self])
}

extension TriggerPoint: ExpressibleByArgument {}
