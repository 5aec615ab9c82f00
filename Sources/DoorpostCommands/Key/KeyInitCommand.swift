import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct KeyInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make the secret and the first signing key.",
        discussion: """
            Once, for an installed configuration; 'doorpost init DIR' does it by itself. What is \
            there already is left alone. Keep a copy of the directory: with a new secret, codes \
            and mails under way are lost; with a new key, all session files.

            Example: sudo doorpost key init
            """)

    @OptionGroup var config: ConfigOption

    func run() async throws {
        let configuration = try config.loadAsService()
        let made = try configuration.createKeys(clock: SystemClock(), random: SystemRandom())
        guard !made.isEmpty else {
            throw CommandFailure.refused(
                "\(configuration.keys) holds a secret and signing keys already; they were left "
                    + "as they are ('doorpost key rotate' makes the next signing key)")
        }
        try Output.line("made \(made.joined(separator: " and ")) in \(configuration.keys)")
    }
}
