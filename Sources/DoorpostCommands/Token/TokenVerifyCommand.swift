import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct TokenVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a token or a session file, and print its claims.",
        discussion: """
            Checks signature, issuer, times and audience, and, where the store can be read, \
            whether the session was revoked. Exit 1 and the reason when it is not valid. Takes \
            session, id and access tokens: token_use says which it is. Access tokens name no \
            audience.

            Without TOKEN, the session file of this login ($DOORPOST_SESSION_FILE) is checked. \
            A token on the command line can be seen by everybody on the machine: prefer a file \
            or standard input.

            Example: doorpost token verify "$DOORPOST_SESSION_FILE" --audience host:db1
            """)

    @Argument(help: "A JWT, the path of a session file, or - for standard input.")
    var token: String?
    @Option(help: "Whom the token must be meant for, for example host:db1.") var audience: String?
    @OptionGroup var config: ConfigOption

    func run() async throws {
        // Read as whoever called, before root is given up: session files are their owners'.
        let text = try TokenInput.read(token)
        let configuration = try config.loadAsService()
        let claims = try await check(text, configuration)
        try refuseRevoked(claims, configuration)
        try Output.line(TokenText.json(claims, issuer: configuration.issuer).text())
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
            Output.note("note: not checked whether the session was revoked: \(error.detail)")
            return
        }
        guard let session else {
            throw CommandFailure.refused("not valid: the store knows no session \(claims.session)")
        }
        if let revokedAt = session.revokedAt {
            throw CommandFailure.refused(
                "not valid: the session was revoked at \(UTCTime(revokedAt).isoText)")
        }
    }
}
