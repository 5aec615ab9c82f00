import ArgumentParser
import DoorpostSetup

struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "The store of users, codes and sessions.",
        subcommands: [StoreMigrateCommand.self, StoreCopyCommand.self])
}

struct StoreMigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring an older store up to date.",
        discussion: """
            Changes nothing when it is up to date. Make a copy first; a store that was brought \
            up to date cannot be used by an older doorpost any more.

            Example: doorpost store migrate
            """)

    @OptionGroup var config: ConfigOption

    func run() async throws {
        let configuration = try config.loadAsService()
        try configuration.migrateStore()
        try Output.line("\(configuration.store) is up to date")
    }
}
