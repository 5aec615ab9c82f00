import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make an instance of your own in a directory.",
        discussion: """
            Self-contained, without root: configuration, store, keys, an outbox directory in the \
            place of a mail relay, session files. To put it to real use, edit doorpost.yaml; \
            paths in it start from its own directory.

            Example: doorpost init /tmp/try && doorpost doctor --config /tmp/try/doorpost.yaml
            """)

    @Argument(help: "The directory; made if it is not there.", completion: .directory)
    var directory: String
    @Option(help: "The public URL; 'iss' of every token.") var issuer = "http://127.0.0.1:8425"
    @Option(help: "Whom mails come from.") var from = "Doorpost <doorpost@localhost>"

    func run() async throws {
        do {
            try NewInstance.create(in: directory, issuer: issuer, from: from)
        } catch {
            switch error {
            case .badValue(let text): throw CommandFailure.usage(text)
            case .occupied(let text): throw CommandFailure.refused(text)
            case .setup(let error): throw error
            }
        }
        try Output.write(
            """
            made an instance in \(directory)
            next: doorpost user add --config \(directory)/doorpost.yaml EMAIL --login NAME

            """)
    }
}
