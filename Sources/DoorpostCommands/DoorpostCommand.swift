import ArgumentParser

/// `doorpost`: all that an administrator types.
struct DoorpostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doorpost",
        abstract: "Passwordless sign-in with codes by mail: administration and the HTTP endpoint.",
        discussion: """
            Start with an instance of your own, which needs no root and sends no real mail:

              doorpost init try
              doorpost user add --config try/doorpost.yaml alice@example.org --login alice
              doorpost serve --config try/doorpost.yaml
              doorpost doctor --config try/doorpost.yaml

            Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 69 a service is down, \
            74 I/O, 78 configuration. See doorpost(8) and doorpost.yaml(5).
            """,
        version: Program.version,
        subcommands: [
            InitCommand.self, ServeCommand.self, UserCommand.self, SessionCommand.self,
            TokenCommand.self,
            KeyCommand.self, MailCommand.self, AuditCommand.self, DoctorCommand.self,
            ConfigCommand.self, StoreCommand.self, ClientCommand.self,
            APIKeyCommand.self, HostCommand.self, TriggerCommand.self, BackupCommand.self,
            RestoreCommand.self,
        ])
}
