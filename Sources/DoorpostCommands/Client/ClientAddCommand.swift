import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct ClientAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an app client.",
        discussion: """
            Prints the id that programs give as ClientId, and with --secret the secret for their \
            SECRET_HASH: this once and never again. A page or an app that anybody can take apart \
            keeps no secret; leave it out for those.

            Example: doorpost client add shop --secret --json
            """)

    @Argument(help: "What administrators call it; unique.") var name: String
    @Flag(help: "With a secret.") var secret = false
    @Option(
        name: .customLong("flow"),
        help: ArgumentHelp(
            """
            What it may do, by Cognito's names: ALLOW_CUSTOM_AUTH, ALLOW_USER_AUTH, \
            ALLOW_REFRESH_TOKEN_AUTH. May be given several times. (default: all)
            """))
    var flows: [ClientFlow] = []
    @Option(help: "How long id tokens live. (default: tokens.id)") var idLifetime: SpanArgument?
    @Option(help: "How long access tokens live. (default: tokens.access)")
    var accessLifetime: SpanArgument?
    @Option(help: "How long refresh tokens live. (default: tokens.refresh)")
    var refreshLifetime: SpanArgument?
    @Option(help: "How long a running sign-in's Session is good. (default: 3m)")
    var sessionLifetime: SpanArgument?
    @Option(
        help: ArgumentHelp(
            """
            Refresh tokens are rotated; the old one is good for so long still (0s to 60s). \
            (default: they are not rotated)
            """))
    var rotateGrace: SpanArgument?
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        var client = AppClient(
            id: ClientID.draw(from: SystemRandom()), name: try ClientInput.name(name),
            flows: flows.isEmpty ? Set(ClientFlow.allCases) : Set(flows),
            idLifetime: try ClientInput.span(
                idLifetime, "--id-lifetime", ClientLimits.tokenLifetimes),
            accessLifetime: try ClientInput.span(
                accessLifetime, "--access-lifetime", ClientLimits.tokenLifetimes),
            refreshLifetime: try ClientInput.span(
                refreshLifetime, "--refresh-lifetime", ClientLimits.refreshLifetimes),
            refreshGrace: try ClientInput.span(
                rotateGrace, "--rotate-grace", ClientLimits.refreshGraces),
            createdAt: SystemClock().now)
        let life = try ClientInput.span(
            sessionLifetime, "--session-lifetime", ClientLimits.sessionLifetimes)
        if let life { client.sessionLifetime = life }
        // Before root is given up: the audit trail names who ran this.
        let audit = Administrator.audit(.clientAdded, user: nil, "\(client.id) \(client.name)")
        let instance = try Instance.open(try config.loadAsService())
        let made =
            secret ? try client.addSecret(keys: instance.keys, random: SystemRandom()) : nil
        do {
            try instance.store.addClient(client, audit: audit)
        } catch {
            guard error.code == .conflict else { throw error }
            throw CommandFailure.refused(
                "there is a client '\(client.name)' already; 'doorpost client list' shows it")
        }
        try show(client, made)
    }

    private func show(_ client: AppClient, _ secret: ClientSecret?) throws {
        if json.isOn {
            return try Output.line(
                JSON.object([
                    "client_id": .string(client.id.text), "client_secret": .string(secret?.text),
                    "name": .string(client.name),
                ]).text())
        }
        try Output.line("client id: \(client.id)")
        if let secret {
            try Output.line("client secret: \(secret.text)")
            Output.note("the secret is shown this once; keep it where the program reads it")
        }
    }
}
