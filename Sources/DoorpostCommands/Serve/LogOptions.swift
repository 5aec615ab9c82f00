import ArgumentParser
import Logging

/// How `serve` writes its log, to standard error.
struct LogOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(name: .customLong("log-format"), help: "Lines for people, or JSON for programs.")
    var format = Format.text
    @Option(
        name: .customLong("log-level"),
        help: "The least that is written: trace, debug, info, notice, warning, error or critical.",
        transform: Self.level)
    var level = Logger.Level.info

    func makeLogger() -> Logger {
        var logger = Logger(label: "doorpost") { label in
            switch format {
            case .text, .json: StreamLogHandler.standardError(label: label)
            }
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
