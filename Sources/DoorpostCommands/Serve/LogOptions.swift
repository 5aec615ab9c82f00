import ArgumentParser
import DoorpostHTTP
import DoorpostSetup
import Logging

extension LogFormat: ExpressibleByArgument {}

/// How `serve` writes its log, to standard error.
struct LogOptions: ParsableArguments {
    @Option(name: .customLong("log-format"), help: "Lines for people, or JSON for programs.")
    var format = LogFormat.text
    @Option(
        name: .customLong("log-level"),
        help: "The least that is written: trace, debug, info, notice, warning, error or critical.",
        transform: Self.level)
    var level = Logger.Level.info

    func makeLogger() -> Logger {
        let format = format
        var logger = Logger(label: "doorpost") { _ in
            LineLogHandler(format, clock: SystemClock())
        }
        logger.logLevel = level
        return logger
    }

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("'\(text)' is not a log level")
        }
        return level
    }
}
