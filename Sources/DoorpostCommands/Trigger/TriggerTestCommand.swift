import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct TriggerTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run one of them, and show event and answer.",
        discussion: """
            Sends the event as it would be for that user, at the beginning of a sign-in, with the \
            code 00000000. The program does what it always does: one that mails, mails. Nobody is \
            signed in or added. Without --user the event is about nobody in the pool. Exit 1 when \
            the answer would not do.

            Example: doorpost trigger test pre_token_generation --user ann@example.org
            """)

    @Argument(
        help: ArgumentHelp("As in 'triggers': define_auth_challenge, …", valueName: "point"))
    var point: TriggerPoint
    @Option(help: ArgumentHelp("Mail address, login name or id.", valueName: "who"))
    var user: String?
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let configuration = try config.loadAsService()
        let user = try user.map { try configuration.openStore(create: false).user(who: $0) }
        let subject =
            user.map { TriggerSubject($0, client: "doorpost", metadata: [:]) }
            ?? TriggerSubject(userName: "nobody@example.org", isUnknown: true, client: "doorpost")
        let report = await configuration.tryTrigger(
            point, for: subject, groups: user?.groups ?? [])
        guard let report else {
            throw CommandFailure.refused("no program is set for \(point.rawValue)")
        }
        try json.isOn ? Output.line(report.json) : show(report)
        if let error = report.error { throw CommandFailure.refused("\(error)") }
    }

    private func show(_ report: TriggerReport) throws {
        try Output.line("event:  \(Terminal.safe(report.event))")
        try Output.line("answer: \(Terminal.safe(report.answer ?? "-"))")
        try Output.line("took:   \(Int(report.took / .milliseconds(1))) ms")
        for line in report.standardError { try Output.line("stderr: \(Terminal.safe(line))") }
    }
}
