import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct HostAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a host.",
        discussion: """
            Prints the host's credential, this once and never again. On that host it goes into the \
            file that 'host_key' in doorpost.yaml names, root:doorpost 0640, with this Doorpost's \
            URL as 'server'. With it a host may ask for logins on itself, and for nothing else.

            NAME is what the host calls itself: what 'hostname' prints there.

            Example: doorpost host add db1
            """)

    @Argument(help: "What the host calls itself; unique.") var name: String
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let name = try HostInput.name(name)
        // Before root is given up: the audit trail names who ran this.
        _ = Administrator.name
        let instance = try Instance.open(try config.loadAsService())
        let (host, key) = EnrolledHost.make(
            name: name, keys: instance.keys, random: SystemRandom(), at: SystemClock().now)
        let audit = Administrator.audit(.hostAdded, user: nil, "\(host.name) (\(host.id))")
        do {
            try instance.store.addHost(host, audit: audit)
        } catch {
            guard error.code == .conflict else { throw error }
            throw CommandFailure.refused(
                "there is a host '\(name)' already; to give it another credential, run "
                    + "'doorpost host revoke \(name)' first")
        }
        if json.isOn {
            return try Output.line(
                JSON.object(["host": .string(name), "key": .string(key.text)]).text())
        }
        try Output.line("host: \(name)")
        try Output.line("key: \(key.text)")
        Output.note(
            """
            the key is shown this once. On \(name), write it into a file that is root:doorpost \
            0640, such as /etc/doorpost/host.key, and into doorpost.yaml:
              server: \(instance.configuration.issuer)
              host_key: /etc/doorpost/host.key
            """)
    }
}
