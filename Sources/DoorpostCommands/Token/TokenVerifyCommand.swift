import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct TokenVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a token or a session file, and print its claims.",
        discussion: """
            Checks signature, issuer, times and audience, and, where the store can be read, \
            whether the session was revoked; with --online that must be found out, or the exit \
            is 69. Where 'server' names a central Doorpost, that looks at the token, and always \
            says whether the session was revoked. Exit 1 and the reason when it is not valid. \
            Takes session, id and access tokens: token_use says which it is. Access tokens name no \
            audience.

            Without TOKEN, the session file of this login ($DOORPOST_SESSION_FILE) is checked. \
            A token on the command line can be seen by everybody on the machine: prefer a file \
            or standard input.

            Example: doorpost token verify "$DOORPOST_SESSION_FILE" --audience host:db1
            """)

    @Argument(help: "A JWT, the path of a session file, or - for standard input.")
    var token: String?
    @Option(help: "Whom the token must be meant for, for example host:db1.") var audience: String?
    @Flag(help: "It is an error if nobody can say whether the session was revoked.")
    var online = false
    @OptionGroup var config: ConfigOption

    func run() async throws {
        // Read as whoever called, before root is given up: session files are their owners'.
        let text = try TokenInput.read(token)
        let configuration = try config.load()
        try configuration.dropPrivileges()
        if configuration.center != nil { return try askCenter(text, configuration) }
        let claims = try await check(text, configuration)
        try refuseRevoked(claims, configuration)
        try Output.line(TokenText.json(claims, issuer: configuration.issuer).text())
    }

    /// The keys are there, and so are the sessions: one question for both.
    private func askCenter(_ text: String, _ configuration: Configuration) throws {
        guard let center = try configuration.makeCenter(host: Administrator.hostName) else {
            return
        }
        switch try center.verdict(on: text, audience: audience) {
        case .good(let claims, let issuer):
            try Output.line(TokenText.json(claims, issuer: issuer).text())
        case .refused(let reason): throw CommandFailure.refused("not valid: \(reason)")
        }
    }

    private func check(_ text: String, _ configuration: Configuration) async throws -> TokenClaims {
        let issuer = configuration.tokenIssuer()
        do {
            return try await issuer.claims(of: text, audience: audience, now: SystemClock().now)
        } catch let error {
            if error.code == .keysUnavailable { throw error }
            throw CommandFailure.refused("not valid: \(error.detail)")
        }
    }

    private func refuseRevoked(_ claims: TokenClaims, _ configuration: Configuration) throws {
        let session: LoginSession?
        do {
            session = try configuration.openStore(create: false).session(SessionID(claims.session))
        } catch {
            let text = "not checked whether the session was revoked: \(error.detail)"
            guard !online else { throw CommandFailure(.serviceDown, text) }
            return Output.note("note: \(text)")
        }
        if let fault = claims.fault(of: session) {
            throw CommandFailure.refused("not valid: \(fault)")
        }
    }
}
