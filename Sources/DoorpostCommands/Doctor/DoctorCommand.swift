import ArgumentParser
import DoorpostCore
import DoorpostSetup
import Glibc

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look at everything that signing in depends on.",
        discussion: """
            Configuration, permissions, store, keys, mail relay, triggers, clock, PAM stacks, sshd: each \
            with what to do about it. Where 'server' names a central Doorpost, whether that \
            answers this machine, in the place of what is there. Changes nothing, mails nothing. \
            As root it sees more. Exit 1 when something is wrong; warnings alone are exit 0.

            Example: sudo doorpost doctor
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let findings = findings()
        if json.isOn {
            try Output.line(JSON.list(findings.map(\.json)).text())
        } else {
            for finding in findings {
                try Output.line(
                    "\(finding.state.rawValue.padding(to: 9)) \(finding.name.padding(to: 13)) "
                        + Terminal.safe(finding.what))
                if !finding.remedy.isEmpty {
                    try Output.line(String(repeating: " ", count: 24) + "-> \(finding.remedy)")
                }
            }
        }
        let count = findings.count { $0.state == .problem }
        guard count == 0 else {
            throw CommandFailure.refused(
                count == 1 ? "1 thing is wrong" : "\(count) things are wrong")
        }
    }

    /// What only root may see comes first: then root is given up, and the rest is looked at as
    /// the service itself.
    private func findings() -> [Finding] {
        let system =
            PAMInstallCheck.run() + PAMStackCheck.run() + LockerSocketCheck.run()
            + SSHDCheck.run()
        let configuration: Configuration
        do {
            configuration = try config.load()
        } catch {
            return (error as? ConfigurationError ?? ConfigurationError(path: "", "\(error)"))
                .lines.map { .problem("configuration", $0, "mend the file") } + system
        }
        var findings = [Finding.ok("configuration", "\(config.path) is right")]
        findings += PolicyCheck.run(configuration)
        do {
            try configuration.dropPrivileges()
        } catch {
            return findings + [.problem("run_as", "\(error)", "make the account, or change run_as")]
                + system
        }
        findings += FilesCheck.run(configuration)
        if configuration.center != nil { return findings + CenterCheck.run(configuration) + system }
        findings += StoreCheck.run(configuration) + KeysCheck.run(configuration)
        findings += MailCheck.run(configuration) + TLSCheck.run(configuration)
        return findings + TriggersCheck.run(configuration) + system
    }
}
