import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of the store.",
        discussion: """
            The old store is kept beside it as STORE.before-restore. Codes of the backup's time \
            are gone, and everybody is signed out: what was used, spent or ended since the backup \
            must not be good again. Tries that failed since are forgotten. Restart the server \
            afterwards: until then it refuses to write.

            Example: doorpost restore /var/lib/doorpost/backup-2026-11-21.db
            """)

    @Argument(help: "A file that doorpost backup wrote.", completion: .file())
    var file: String
    @Flag(help: "Sessions of the backup go on, those that ended since, too.")
    var keepSessions = false
    @OptionGroup var config: ConfigOption

    func run() async throws {
        _ = Administrator.name
        let configuration = try config.loadAsService()
        let old = try configuration.restoreStore(
            from: file, keepsSessions: keepSessions,
            audit: Administrator.audit(.storeRestored, user: nil, "from \(file)"))
        try Output.line("restored \(configuration.store) from \(file)")
        if let old { Output.note("The store of before is \(old).") }
        Output.note("Restart the server, if one runs: systemctl restart doorpost")
    }
}
