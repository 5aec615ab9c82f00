import ArgumentParser
import DoorpostCore
import DoorpostSetup

/// `--config`, which every command takes.
struct ConfigOption: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration file.", completion: .file())
    var path = Configuration.standardPath

    func load() throws -> Configuration {
        try Configuration.load(path: path)
    }

    /// Loads, for what only a machine with users of its own can do, and stops being root if the
    /// configuration says who to be: from here on every file that is made belongs to the service.
    func loadAsService() throws -> Configuration {
        try Configuration.loadAsService(path: path)
    }

    func openStore() throws -> any Store {
        try loadAsService().openStore()
    }
}

/// `--json`, which listing commands take.
struct JSONOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON for programs.")
    var isOn = false
}
