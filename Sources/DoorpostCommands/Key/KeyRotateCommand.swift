import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct KeyRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Make the next signing key.",
        discussion: """
            The new key is published now and signs a day later, when everybody has seen it; the \
            old one's tokens count until they expire. --now is for a key that somebody may have \
            seen: the new key signs at once, every token signed before is refused, and the old \
            keys are removed.

            Example: doorpost key rotate
            """)

    @Flag(help: "The keys may be known to others: refuse all that they signed.") var now = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let configuration = try config.loadAsService()
        let rotation = try configuration.rotateSigningKey(
            isCompromised: now, at: SystemClock().now)
        if json.isOn { return try Output.line(KeyText.json(rotation.key).text()) }
        let from = UTCTime(rotation.key.signsFrom).isoText
        try Output.line(
            rotation.isNew
                ? "made key \(rotation.key.id), which signs from \(from)"
                : "key \(rotation.key.id) waits already and signs from \(from); nothing was changed"
        )
    }
}
