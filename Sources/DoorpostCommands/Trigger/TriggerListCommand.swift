import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct TriggerListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show what runs where, and whether it may.",
        discussion: "Runs nothing. Example: doorpost trigger list --json")

    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        try Listing(
            items: try config.loadAsService().triggerEntries(),
            ifEmpty: "nothing is set; see 'triggers' in doorpost.yaml(5)",
            json: { entry in
                .object([
                    "point": .string(entry.point.rawValue),
                    "command": .list(entry.command.map { .string($0) }),
                    "runners": .number(entry.runners), "problem": .string(entry.fault?.text),
                ])
            },
            table: { entries in
                var table = Table("POINT", "RUNNERS", "PROGRAM", "PROBLEM")
                for entry in entries {
                    table.add(
                        entry.point.rawValue, "\(entry.runners)",
                        entry.command.joined(separator: " "), entry.fault?.text ?? "")
                }
                return table
            }
        ).show(asJSON: json.isOn)
    }
}
