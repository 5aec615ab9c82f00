import ArgumentParser
import DoorpostSetup

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a copy of the store, while it is in use.",
        discussion: """
            One file, mode 0600, as the store is at one moment. It holds addresses and who signed \
            in, and no code and no key: keep a copy of the keys as well, elsewhere. Runs as the \
            service's user, who must be able to write there.

            Example: doorpost backup /var/lib/doorpost/backup-$(date +%F).db
            """)

    @Argument(help: "The file to be made.", completion: .file())
    var file: String
    @OptionGroup var config: ConfigOption

    func run() async throws {
        let configuration = try config.loadAsService()
        try configuration.backUpStore(to: file)
        try Output.line("wrote \(file)")
        Output.note("The keys are not in it: keep a copy of \(configuration.keys), too.")
    }
}
