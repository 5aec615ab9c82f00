import ArgumentParser
import DoorpostSetup

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The configuration file.",
        subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self])
}

struct ConfigCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say whether the file is right, or all that is wrong.",
        discussion: """
            Of what the file names it looks at the programs of 'triggers' alone, and runs none; \
            'doorpost doctor' looks at the rest. Exit 78 when something is wrong.

            Example: doorpost config check --config new.yaml && mv new.yaml doorpost.yaml
            """)

    @OptionGroup var config: ConfigOption

    func run() async throws {
        try config.load().checkTriggers()
        try Output.line("\(config.path): right")
    }
}

struct ConfigShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print the values that hold, defaults filled in.",
        discussion: """
            What is printed is a configuration file itself. Secrets stay in their files; only \
            the files' names are shown.

            Example: doorpost config show | grep lifetime
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let settings = try config.load().settings
        try json.isOn
            ? Output.line(Self.json(settings).text()) : Output.write(Setting.yaml(settings))
    }

    private static func json(_ settings: [Setting]) -> JSON {
        .object(
            Dictionary(
                uniqueKeysWithValues: settings.map { setting in
                    (setting.key, json(setting.value))
                }))
    }

    private static func json(_ value: Setting.Value) -> JSON {
        switch value {
        case .none: .null
        case .number(let number): .number(number)
        case .text(let text): .string(text)
        case .list(let items): .list(items.map { .string($0) })
        case .section(let settings): json(settings)
        }
    }
}
