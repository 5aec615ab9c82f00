import ArgumentParser
import DoorpostCore

struct UserDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Keep a user from signing in, and end their sessions.",
        discussion: """
            To the outside a disabled user looks like an unknown one. Session files on other \
            machines stay valid until they expire.

            Example: doorpost user disable alice
            """)

    @Argument(help: "Mail address, login name or id.") var who: String
    @OptionGroup var config: ConfigOption

    func run() async throws {
        try UserChange.apply(to: who, config, "disabled") { $0.isEnabled = false }
    }
}

struct UserEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Let a disabled user sign in again.",
        discussion: "Example: doorpost user enable alice")

    @Argument(help: "Mail address, login name or id.") var who: String
    @OptionGroup var config: ConfigOption

    func run() async throws {
        try UserChange.apply(to: who, config, "enabled") { $0.isEnabled = true }
    }
}
