import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct MailTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send one mail and show what the server answers.",
        discussion: """
            Goes the way that codes go, but that no trigger is asked: see 'doorpost trigger \
            test'. Exit 69 when the relay does not answer, 1 when it \
            refuses the mail, 78 when it refuses our password.

            Example: doorpost mail test you@example.org
            """)

    @Argument(help: "Where to.") var address: String
    @OptionGroup var config: ConfigOption

    func run() async throws {
        let to = try UserInput.email(address)
        let configuration = try config.loadAsService()
        let now = SystemClock().now
        let id = SystemRandom().bytes(16).map { String(256 + Int($0), radix: 16).dropFirst() }
        let message = MailMessage(
            to: to, toName: nil, subject: "Doorpost test mail",
            text: """
                This is the mail that 'doorpost mail test' sends. It holds no code.
                Codes from \(configuration.issuer) will come the same way.

                """,
            messageID: id.joined(), date: now.seconds)
        let receipt = try configuration.makeMailer(triggers: nil).deliver(message)
        try Output.line(
            Terminal.safe("\(configuration.mail.transportText) took the mail: \(receipt.answer)"))
    }
}
